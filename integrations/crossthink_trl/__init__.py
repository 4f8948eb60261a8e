"""crossthink-data under TRL."""
