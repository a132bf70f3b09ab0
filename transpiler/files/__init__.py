"""Reading and writing source trees."""

from .source import SourceFile

__all__ = ["SourceFile"]
