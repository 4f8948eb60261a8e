"""`python -m crossthink_data` is `crossthink-data`."""

from crossthink_data.cli import app

app()
