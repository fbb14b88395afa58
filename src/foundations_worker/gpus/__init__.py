"""GPUs of the worker's machine: which there are and how they are."""
