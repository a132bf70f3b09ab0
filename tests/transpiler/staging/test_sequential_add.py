"""`Sequential()` filled by `add`."""

from __future__ import annotations

from tests.harness import check_compile


def test_the_first_layer_tells_the_input() -> None:
    file = check_compile(
        """
        from tensorflow.keras import Sequential
        from tensorflow.keras.layers import Conv2D, Dense, Flatten


        def load_model(classes=7):
            model = Sequential()
            model.add(Conv2D(8, (5, 5), activation="relu", input_shape=(12, 12, 3)))
            model.add(Flatten())
            model.add(Dense(classes))
            return model
        """,
        flavour="keras2",
    )
    assert "nnx.Conv(\n            3, 8, (5, 5)" in file.text
    assert "nnx.Linear(\n            512, classes" in file.text
    assert "in_features" not in file.text
