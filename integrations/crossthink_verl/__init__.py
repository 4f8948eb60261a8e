"""crossthink-data under veRL: the check that a blend is what veRL's dataset class reads.

A blend trains as it is: `data.train_files=blend.parquet data.val_files=blend.val.parquet`. veRL is
imported nowhere at import; the extra `crossthink-data[verl]` brings it.
"""
