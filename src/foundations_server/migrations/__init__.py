"""The schema's history. `runner.prepare` brings a database to the last version."""
