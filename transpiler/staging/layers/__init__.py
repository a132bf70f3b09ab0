"""Layers and modules where they are applied, which tells their sizes."""
