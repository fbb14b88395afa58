"""Leases jobs from the server, runs them, and reports what became of them.

Standard library only. User code runs in processes of its own that outlive the worker.
"""
