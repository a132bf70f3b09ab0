import jax.numpy as jnp
from flax import nnx


class Block(nnx.Module):
    def __init__(self, in_features, filters, *, bn_epsilon, rngs):
        self.conv = nnx.Conv(in_features, filters, (3, 3), use_bias=False, rngs=rngs)
        self.bn = nnx.BatchNorm(filters, epsilon=bn_epsilon, use_fast_variance=False, rngs=rngs)
        self.depthwise = nnx.Conv(filters, filters, (3, 3), feature_group_count=filters, rngs=rngs)
        self.shortcut = nnx.Conv(in_features, filters, (1, 1), rngs=rngs)

    def __call__(self, x):
        y = self.depthwise(nnx.relu(self.bn(self.conv(x))))
        return self.shortcut(x) + y


class Head(nnx.Module):
    def __init__(self, features, classes, *, rngs):
        self.hidden = nnx.Linear(features, features, rngs=rngs)
        self.out = nnx.Linear(features, classes, rngs=rngs)

    def __call__(self, x):
        return self.out(jnp.tanh(self.hidden(x)))


class Cnn(nnx.Module):
    def __init__(self, classes=5, *, bn_epsilon=1e-3, rngs):
        self.stem = nnx.Conv(3, 8, (3, 3), strides=2, rngs=rngs)
        self.block = Block(8, 8, bn_epsilon=bn_epsilon, rngs=rngs)
        self.up = nnx.ConvTranspose(8, 8, (2, 2), strides=2, transpose_kernel=True, rngs=rngs)
        self.head = Head(8, classes, rngs=rngs)
        self.project = nnx.Linear(8, 8, rngs=rngs)

    def __call__(self, x):
        x = self.block(nnx.relu(self.stem(x)))
        x = self.up(nnx.max_pool(x, (2, 2), strides=(2, 2)))
        x = self.project(x.mean(axis=(1, 2)))
        return {"logits": self.head(x), "features": x}


def cnn(classes=5, *, rngs, **options):
    return Cnn(classes, rngs=rngs, **options)
