"""The `foundations` command."""
