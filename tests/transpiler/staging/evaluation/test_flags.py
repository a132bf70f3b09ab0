"""Results whose form depends on a flag."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_flag_that_is_asked_again_tells_the_form() -> None:
    check_compile(
        """
        import tensorflow as tf


        class Net(tf.keras.Model):
            def __init__(self, n):
                super().__init__()
                self.fc = tf.keras.layers.Dense(n, kernel_initializer="zeros")
                self.head = tf.keras.layers.Dense(3, kernel_initializer="zeros")

            def features(self, x, extras=False):
                y = self.fc(x)
                return (y, {"x": x}) if extras else y

            def call(self, x, training=False, extras=False):
                x = self.features(x, extras)
                if extras:
                    x, more = x
                return self.head(x)
        """,
        """\
        from flax import nnx


        class Net(nnx.Module):
            def __init__(self, in_features, n, *, rngs: nnx.Rngs):
                self.fc = nnx.Linear(in_features, n, kernel_init=nnx.initializers.zeros, rngs=rngs)
                self.head = nnx.Linear(n, 3, kernel_init=nnx.initializers.zeros, rngs=rngs)

            def features(self, x, extras=False):
                y = self.fc(x)
                return (y, {"x": x}) if extras else y

            def __call__(self, x, extras=False):
                x = self.features(x, extras)
                if extras:
                    x, more = x
                return self.head(x)
        """,
    )


def test_early_returns_under_a_flag() -> None:
    check_compile(
        """
        import tensorflow as tf


        class Block(tf.keras.layers.Layer):
            def __init__(self, n):
                super().__init__()
                self.fc = tf.keras.layers.Dense(n, kernel_initializer="zeros")

            def call(self, x, extras=False):
                y = self.fc(x)
                if extras:
                    return y, x
                return y


        class Net(tf.keras.Model):
            def __init__(self, n):
                super().__init__()
                self.block = Block(n)
                self.again = Block(n)
                self.head = tf.keras.layers.Dense(3, kernel_initializer="zeros")

            def call(self, x, extras=False):
                x = self.block(x)
                x, _ = self.again(x, extras=True)
                return self.head(x)
        """,
        """\
        from flax import nnx


        class Block(nnx.Module):
            def __init__(self, in_features, n, *, rngs: nnx.Rngs):
                self.fc = nnx.Linear(in_features, n, kernel_init=nnx.initializers.zeros, rngs=rngs)

            def __call__(self, x, extras=False):
                y = self.fc(x)
                if extras:
                    return y, x
                return y


        class Net(nnx.Module):
            def __init__(self, in_features, n, *, rngs: nnx.Rngs):
                self.block = Block(in_features, n, rngs=rngs)
                self.again = Block(n, n, rngs=rngs)
                self.head = nnx.Linear(n, 3, kernel_init=nnx.initializers.zeros, rngs=rngs)

            def __call__(self, x, extras=False):
                x = self.block(x)
                x, _ = self.again(x, extras=True)
                return self.head(x)
        """,
    )
