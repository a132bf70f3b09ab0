"""Calls: of the API, of Python, of methods of values."""
