"""The tree of the source before it is staged: questions about it, and changes of it."""
