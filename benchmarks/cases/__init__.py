"""Compile real public models, verify them against TensorFlow, and tell what is left.

`python -m benchmarks.cases --help`. The case list and the packages stay outside this repository.
"""
