"""Names that a module only passes on to others."""

from __future__ import annotations

from tests.harness import compile_texts


def test_an_import_that_another_module_asks_for_stays() -> None:
    project = compile_texts(
        {
            "tools": "import tensorflow as tf\n\n\ndef double(x):\n    return tf.add(x, x)\n",
            "base": "import tensorflow as tf\nfrom tools import double\n\n\n"
            "class Twice(tf.keras.layers.Layer):\n"
            "    def call(self, x):\n        return double(x)\n\n"
            "    def get_config(self):\n        return {'double': double}\n",
            "net": "import tensorflow as tf\nfrom base import Twice, double\n\n\n"
            "def run(x):\n    return double(tf.abs(x))\n",
        }
    )
    texts = {file.source.module: file.text for file in project.files}
    assert "from tools import double" in texts["base"]
    assert "from base import Twice, double" in texts["net"]
