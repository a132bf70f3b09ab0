"""The commands of `tfjax-compile agents`."""
