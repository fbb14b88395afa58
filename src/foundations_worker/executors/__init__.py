"""How attempts run: one module for each way."""
