"""Shapes with symbolic sizes, and what operations make of them: shared by staging and analysis."""
