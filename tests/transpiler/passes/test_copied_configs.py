"""Copies of Keras objects that name the configuration first."""

from __future__ import annotations

from tests.harness import check_compile


def test_a_copy_whose_configuration_has_a_name() -> None:
    check_compile(
        """
import keras


def clone_initializer(initializer):
    if not isinstance(initializer, keras.initializers.Initializer):
        return initializer
    config = initializer.get_config()
    return initializer.__class__.from_config(config)


def clone_and_tell(initializer):
    config = initializer.get_config()
    print(config)
    return initializer.__class__.from_config(config)
""",
        """\
import collections.abc


def clone_initializer(initializer):
    if not isinstance(initializer, collections.abc.Callable):
        return initializer
    return initializer


def clone_and_tell(initializer):
    config = initializer.get_config()
    print(config)
    return initializer.__class__.from_config(config)
""",
    )
