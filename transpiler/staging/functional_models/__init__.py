"""Graphs of layers between `Input` and `Model`, in functions and in constructors."""
