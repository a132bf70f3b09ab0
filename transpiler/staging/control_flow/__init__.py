"""Statements: assignments, branches and loops, in one slice or in both."""
