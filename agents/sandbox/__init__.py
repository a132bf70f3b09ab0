"""Processes that run TensorFlow regions and candidates, under limits and away from the network."""
