"""Layers that the source chooses: by a string, an argument, a function."""
