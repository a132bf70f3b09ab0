"""Expressions: what is known of each, and its code in either slice."""
