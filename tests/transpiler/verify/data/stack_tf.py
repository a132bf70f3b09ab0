import tensorflow as tf


class Linear(tf.Module):
    def __init__(self, rows, columns):
        super().__init__()
        self.w = tf.Variable(tf.random.stateless_normal((rows, columns), (1, rows)))
        self.b = tf.Variable(tf.zeros((columns,)))

    def __call__(self, x):
        return x @ self.w + self.b


class Stack(tf.Module):
    """Keeps its parts under names that Keras keeps its own books under."""

    def __init__(self):
        super().__init__()
        self._layers = [Linear(4, 3), Linear(3, 3)]
        self.outputs = Linear(3, 2)

    def __call__(self, x):
        for layer in self._layers:
            x = tf.nn.relu(layer(x))
        return self.outputs(x)
