"""Speaks HTTP to the server: client, bundles, journal, shipping.

Standard library only, written for Python 3.9 (see foundations_wire).
"""
