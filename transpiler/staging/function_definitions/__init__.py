"""Functions of the project: those that build layers, and the others."""
