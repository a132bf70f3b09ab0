from tensorflow import keras


class Branch(keras.layers.Layer):
    def __init__(self, dense):
        super().__init__()
        self.dense = dense

    def call(self, x):
        return 2.0 * self.dense(x)


class Tied(keras.Model):
    """One layer in three places."""

    def __init__(self):
        super().__init__()
        self.shared = keras.layers.Dense(4)
        self.left = Branch(self.shared)
        self.right = Branch(self.shared)

    def call(self, x):
        return self.left(x) + self.right(self.shared(x))
