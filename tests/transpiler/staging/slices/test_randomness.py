"""Code that draws random numbers gets a generator: functions a parameter, objects their own."""

from __future__ import annotations

from tests.harness import check_compile, compile_texts


def test_functions_pass_it_on() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def jitter(x, scale):
            return x + scale * tf.random.normal(tf.shape(x))


        def augment(x, **options):
            return jitter(x, 0.1)


        def both(pair):
            return tuple(map(augment, pair))


        sample = augment(tf.ones([2]))
        """,
        """\
        import functools

        import jax
        import jax.numpy as jnp
        from flax import nnx


        def jitter(x, scale, *, rngs: nnx.Rngs):
            return x + scale * jax.random.normal(rngs(), x.shape)


        def augment(x, *, rngs: nnx.Rngs, **options):
            return jitter(x, 0.1, rngs=rngs)


        def both(pair, *, rngs: nnx.Rngs):
            return tuple(map(functools.partial(augment, rngs=rngs), pair))


        sample = augment(jnp.ones([2]), rngs=nnx.Rngs(0))
        """,
    )


def test_layers_keep_it() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def jitter(x):
            return x + tf.random.normal(tf.shape(x))


        class Noisy(tf.keras.layers.Layer):
            def __init__(self, scale):
                super().__init__()
                self.scale = scale

            def sample(self, mean):
                return mean + tf.random.normal(tf.shape(mean))

            def call(self, x):
                return self.sample(jitter(x)) * self.scale


        class Twice(tf.keras.layers.Layer):
            def __init__(self):
                super().__init__()
                self.noisy = Noisy(2.0)

            def call(self, x):
                return self.noisy(self.noisy(x))
        """,
        """\
        import jax
        from flax import nnx


        def jitter(x, *, rngs: nnx.Rngs):
            return x + jax.random.normal(rngs(), x.shape)


        class Noisy(nnx.Module):
            def __init__(self, scale, *, rngs: nnx.Rngs):
                self.rngs = rngs.fork()
                self.scale = scale

            def sample(self, mean):
                return mean + jax.random.normal(self.rngs(), mean.shape)

            def __call__(self, x):
                return self.sample(jitter(x, rngs=self.rngs)) * self.scale


        class Twice(nnx.Module):
            def __init__(self, *, rngs: nnx.Rngs):
                self.noisy = Noisy(2.0, rngs=rngs)

            def __call__(self, x):
                return self.noisy(self.noisy(x))
        """,
    )


def test_functional_models_keep_it() -> None:
    check_compile(
        """\
        import tensorflow as tf


        def build(units):
            inputs = tf.keras.Input((8,))
            x = tf.keras.layers.LayerNormalization(epsilon=1e-6)(inputs)
            return tf.keras.Model(inputs, x + tf.random.normal([units]))
        """,
        """\
        import jax
        from flax import nnx


        class Build(nnx.Module):
            def __init__(self, units, *, rngs: nnx.Rngs):
                self.rngs = rngs.fork()
                self.units = units
                self.layer_norm = nnx.LayerNorm(8, use_fast_variance=False, rngs=rngs)

            def __call__(self, inputs):
                x = self.layer_norm(inputs)
                return x + jax.random.normal(self.rngs(), [self.units])
        """,
    )


def test_plain_classes_and_their_subclasses() -> None:
    check_compile(
        """\
        import tensorflow as tf


        class Initializer:
            def __call__(self, shape):
                raise NotImplementedError


        class Normal(Initializer):
            def __init__(self, scale):
                self.scale = scale

            def __call__(self, shape):
                return self.scale * tf.random.normal(shape)


        class Unit(Normal):
            def __init__(self):
                super().__init__(1.0)


        class Uniform(Initializer):
            def __call__(self, shape):
                return tf.random.uniform(shape)

            @staticmethod
            def once(shape):
                return tf.random.uniform(shape)


        def start(shape):
            return Unit()(shape) + Uniform.once(shape)
        """,
        """\
        import jax
        from flax import nnx


        class Initializer:
            def __call__(self, shape):
                raise NotImplementedError


        class Normal(Initializer):
            def __init__(self, scale, *, rngs: nnx.Rngs):
                self.rngs = rngs
                self.scale = scale

            def __call__(self, shape):
                return self.scale * jax.random.normal(self.rngs(), shape)


        class Unit(Normal):
            def __init__(self, *, rngs: nnx.Rngs):
                super().__init__(1.0, rngs=rngs)


        class Uniform(Initializer):
            def __init__(self, *, rngs: nnx.Rngs):
                self.rngs = rngs

            def __call__(self, shape):
                return jax.random.uniform(self.rngs(), shape)

            @staticmethod
            def once(shape, *, rngs: nnx.Rngs):
                return jax.random.uniform(rngs(), shape)


        def start(shape, *, rngs: nnx.Rngs):
            return Unit(rngs=rngs)(shape) + Uniform.once(shape, rngs=rngs)
        """,
    )


def test_across_modules() -> None:
    noise = """
import tensorflow as tf


def jitter(x):
    return x + tf.random.normal(tf.shape(x))
"""
    model = """
import tensorflow as tf

import noise


def augment(x):
    return tf.nn.relu(noise.jitter(x))
"""
    project = compile_texts({"model": model, "noise": noise})
    assert not any(d.severity == "error" for file in project.files for d in file.diagnostics)
    assert "def augment(x, *, rngs: nnx.Rngs):" in project.files[0].text
    assert "noise.jitter(x, rngs=rngs)" in project.files[0].text


def test_generators_that_code_has_stay() -> None:
    text = """
    import jax
    from flax import nnx

    rngs = nnx.Rngs(0)


    def draw(shape):
        return jax.random.normal(rngs(), shape)
    """
    check_compile(text, text)


def test_a_parent_that_does_not_call_its_own() -> None:
    """The constructor of a mixin does not run, so the class keeps the generator for it."""
    check_compile(
        """\
        import tensorflow as tf


        class Sampler:
            def sample(self, x):
                return tf.random.uniform((2, 3)) + x


        class Base(tf.keras.Model, Sampler):
            def __init__(self, config, **kwargs):
                super().__init__(**kwargs)
                self.config = config


        class Middle(Base):
            @property
            def dummy(self):
                return tf.random.uniform((2, 3))


        class Net(Middle):
            def __init__(self, config, **kwargs):
                super().__init__(config, **kwargs)
                self.dense = tf.keras.layers.Dense(3)

            def call(self, x):
                return self.dense(x)
        """,
        """\
        import jax
        from flax import nnx


        class Sampler:
            def __init__(self, *, rngs: nnx.Rngs):
                self.rngs = rngs

            def sample(self, x):
                return jax.random.uniform(self.rngs(), (2, 3)) + x


        class Base(nnx.Module, Sampler):
            def __init__(self, config, *, rngs: nnx.Rngs):
                self.rngs = rngs.fork()
                self.config = config


        class Middle(Base):
            @property
            def dummy(self):
                return jax.random.uniform(self.rngs(), (2, 3))


        class Net(Middle):
            def __init__(self, in_features, config, *, rngs: nnx.Rngs):
                super().__init__(config, rngs=rngs)
                self.dense = nnx.Linear(
                    in_features, 3, kernel_init=nnx.initializers.glorot_uniform(), rngs=rngs
                )

            def __call__(self, x):
                return self.dense(x)
        """,
    )
