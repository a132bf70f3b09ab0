"""Classes of the project: layers, models and `tf.Module` become `nnx.Module` classes."""
