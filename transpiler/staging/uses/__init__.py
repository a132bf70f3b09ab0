"""Uses of the project's own definitions: calls of them, and what those pass and get."""
