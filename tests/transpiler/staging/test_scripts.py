"""Functions that make models and use them themselves, and layers that are not only applied."""

from __future__ import annotations

from tests.harness import check_compile

MAKE = """
        from tensorflow import keras
        from tensorflow.keras import layers


        def make(units):
            inputs = keras.Input((8,))
            return keras.Model(inputs, layers.Dense(units)(inputs))
"""


def test_a_function_without_tensors_that_returns_no_module_stays_in_one_piece() -> None:
    file = check_compile(
        MAKE
        + """

        def describe(path):
            model = make(4)
            text = open(path).read()
            for line in text.splitlines():
                print(line, model)
            return len(text)
        """,
        flavour="keras3",
    )
    tail = file.text[file.text.index("def describe") :]
    assert tail == (
        "def describe(path):\n"
        "    model = Make(4, rngs=nnx.Rngs(0))\n"
        "    text = open(path).read()\n"
        "    for line in text.splitlines():\n"
        "        print(line, model)\n"
        "    return len(text)\n"
    )


def test_modules_in_a_tuple_keep_their_variables() -> None:
    file = check_compile(
        MAKE
        + """

        def pair(units):
            first = make(units)
            second = make(units)
            return first, second
        """,
        flavour="keras3",
    )
    assert "first = Make(units, rngs=rngs)\n    second = Make(units, rngs=rngs)\n" in file.text


def test_a_layer_that_is_also_read_is_built_once() -> None:
    file = check_compile(
        """
        from tensorflow.keras.layers import Dense


        def head(x, units):
            layer = Dense(units)
            print("made", layer)
            return layer(x)
        """,
        flavour="keras3",
    )
    assert file.text.count("nnx.Linear(") == 1
    assert 'print("made", layer)\n        self.dense = layer\n' in file.text
