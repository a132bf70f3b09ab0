"""Binding-time analysis and staging: what is built once (`__init__`) is parted from what runs on
data (`__call__`)."""
