"""The HTTP application and every decision: what runs, what is kept, who may ask."""
