"""crossthink-data under veRL: the reward, and the check that a blend is what veRL's dataset reads.

A blend trains as it is: `data.train_files=blend.parquet data.val_files=blend.val.parquet`, with
`reward.custom_reward_function.path=pkg://crossthink_verl.reward`. veRL is imported nowhere at
import; the extra `crossthink-data[verl]` brings it.
"""
