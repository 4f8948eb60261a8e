"""crossthink-data under veRL."""
