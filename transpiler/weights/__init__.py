"""Checkpoints: from the files that Keras and TensorFlow write to those that JAX programs read, and
back, tensor by tensor.

`files.py` opens a checkpoint of any kind; `weight_map.py` says which of its keys makes which
parameter of a translated program; `convert.py` and `back.py` apply it. Nothing here imports a
framework but `to_orbax.py`, which runs in a process of its own.
"""
