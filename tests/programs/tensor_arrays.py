"""TensorArray in loops, tf.while_loop, map_fn, scan, foldl, case, switch_case, custom_gradient."""

import tensorflow as tf


@tf.custom_gradient
def reverse(x):
    def grad(dy):
        return -0.5 * dy

    return tf.identity(x), grad


class Recurrent(tf.keras.layers.Layer):
    def __init__(self, units=4):
        super().__init__()
        self.units = units
        self.project = tf.keras.layers.Dense(units)
        self.cell = tf.keras.layers.Dense(units, activation="tanh")

    def steps(self, x):
        h = tf.zeros([tf.shape(x)[0], self.units])
        outputs = tf.TensorArray(tf.float32, size=x.shape[1])
        for t in tf.range(x.shape[1]):
            h = x[:, t] + self.cell(h)
            outputs = outputs.write(t, h)
        return tf.transpose(outputs.stack(), [1, 0, 2])

    def pairs(self, x):
        results = tf.TensorArray(tf.float32, size=3, clear_after_read=False)

        def body(i, total, results):
            total = total + tf.cast(i, tf.float32) * x[:, i]
            return [i + 1, total, results.write(i, total)]

        _, total, results = tf.while_loop(
            lambda i, *_: i < 3,
            body,
            [tf.constant(0), tf.zeros_like(x[:, 0]), results],
            maximum_iterations=3,
        )
        return total + results.read(1) + tf.reduce_mean(results.stack())

    def call(self, x):
        x = self.project(x)
        y = self.steps(x)
        z = tf.map_fn(lambda row: tf.cumsum(row, axis=0), y, fn_output_signature=tf.float32)
        running = tf.scan(lambda a, b: 0.5 * a + b, tf.transpose(z, [1, 0, 2]))
        last = tf.foldl(lambda a, b: 0.9 * a + b, running)
        size = tf.reduce_sum(tf.square(last))
        scale = tf.case(
            [(size > 100.0, lambda: 0.1), (size > 1.0, lambda: 0.5)], default=lambda: 2.0
        )
        kind = tf.cast(size, tf.int32) % 4
        chosen = tf.switch_case(kind, {0: lambda: last, 1: lambda: -last}, default=lambda: last * 3)
        written = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
        for k in range(2):
            written = written.write(k, chosen * float(k + 1))
        return reverse(scale * chosen) + self.pairs(x) + written.concat()[: tf.shape(x)[0]]
