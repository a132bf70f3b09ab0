"""Translations beside ports that people wrote by hand."""
