from flax import nnx


class Volume(nnx.Module):
    def __init__(self, *, rngs):
        self.conv = nnx.Conv(2, 4, (3, 3, 3), rngs=rngs)

    def __call__(self, x):
        x = nnx.max_pool(nnx.relu(self.conv(x)), (2, 2, 2), strides=(2, 2, 2))
        return nnx.max_pool(x, (3, 3, 3), strides=(2, 2, 2), padding="SAME")
