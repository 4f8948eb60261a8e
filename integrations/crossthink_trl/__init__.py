"""crossthink-data under TRL: a blend as the dataset that GRPOTrainer takes.

TRL and `datasets` are imported where they are used; the extra `crossthink-data[trl]` brings both.
"""
