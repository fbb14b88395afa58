"""A program that does nothing: what an interpreter costs by itself."""
