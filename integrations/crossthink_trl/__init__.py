"""crossthink-data under TRL: the reward for GRPOTrainer, and a blend as the dataset it takes.

TRL and `datasets` are imported where they are used; the extra `crossthink-data[trl]` brings both.
"""
