"""Imports: what is not used any more goes, what is needed comes, in order."""

from __future__ import annotations

import pytest
import ruff
import trees
from tfjax.ir import nodes as ir
from tfjax.transpiler.emit import EmitOptions, TargetNames

PAIRS = {
    "only": (
        "import tensorflow as tf\n\nx = tf.reduce_sum(1)\n",
        "import jax.numpy as jnp\n\nx = jnp.sum(1)\n",
    ),
    "after docstring and future": (
        '# L\n\n"""D."""\n\nfrom __future__ import annotations\n\nimport tensorflow as tf\n\n'
        "x = tf.reduce_sum(1)\n",
        '# L\n\n"""D."""\n\nfrom __future__ import annotations\n\nimport jax.numpy as jnp\n\n'
        "x = jnp.sum(1)\n",
    ),
    "in order": (
        "import os\n\nimport numpy as np\nimport tensorflow as tf\nfrom keras import layers\n\n"
        "from .a import b\n\nx = [tf.reduce_sum(os), layers.Dense(np), tf.nn.relu(b)]\n",
        "import os\n\nimport jax\nimport jax.numpy as jnp\nimport numpy as np\n"
        "from flax import nnx\n\n"
        "from .a import b\n\nx = [jnp.sum(os), nnx.Linear(np, rngs=rngs), jax.nn.relu(b)]\n",
    ),
    "merged with what is there": (
        "import jax.numpy as np\nfrom flax import struct\nfrom keras import layers\n\n"
        "x = [layers.Dense(np, name='n'), struct]\n",
        "import jax.numpy as np\nfrom flax import nnx, struct\n\n"
        "x = [nnx.Linear(np, rngs=rngs), struct]\n",
    ),
    "known under another name": (
        "import jax.numpy as xp\nimport tensorflow as tf\n\nx = tf.reduce_sum(xp)\n",
        "import jax.numpy as xp\n\nx = xp.sum(xp)\n",
    ),
    "a name that is taken": (
        "import tensorflow as tf\n\n\ndef f(jnp):\n    return tf.reduce_sum(jnp)\n",
        "import jax.numpy as jax_numpy\n\n\ndef f(jnp):\n    return jax_numpy.sum(jnp)\n",
    ),
    "guarded": (
        "import os\n\ntry:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\n\n"
        "x = tf.reduce_sum(os)\n",
        "import os\n\nimport jax.numpy as jnp\n\nx = jnp.sum(os)\n",
    ),
    "either way": (
        "import sys\n\nif sys:\n    from keras import layers\nelse:\n"
        "    from tensorflow.keras import "
        "layers\n\nx = [layers.Dense(sys)]\n",
        "import sys\n\nfrom flax import nnx\n\nx = [nnx.Linear(sys, rngs=rngs)]\n",
    ),
    "local": (
        "import os\n\n\ndef f():\n    import tensorflow as tf\n    # sum\n"
        "    return tf.reduce_sum(os)\n",
        "import os\n\nimport jax.numpy as jnp\n\n\ndef f():\n    # sum\n    return jnp.sum(os)\n",
    ),
    "not used in the source": (
        "import os\nimport tensorflow as tf\nfrom keras import layers\n",
        "import os\n",
    ),
    "some of the names": (
        "from keras import Model, layers  # k\n\nx = [layers.Dense(1), Model.y]\n",
        "from flax import nnx\nfrom keras import Model  # k\n\n"
        "x = [nnx.Linear(1, rngs=rngs), Model.y]\n",
    ),
}


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_imports(pair: tuple[str, str]) -> None:
    text = trees.emit(pair[0], trees.to_jax).text
    assert text == pair[1]
    assert ruff.complaints(text, ignore=["F401", "F821"]) == ""


def test_what_stands_above_the_source_imports_stays_above() -> None:
    text = "import os\n\nos.environ['A'] = '1'\nimport tensorflow as tf\n\nx = tf.reduce_sum(1)\n"
    new = trees.emit(text, trees.to_jax).text
    assert new == text.replace("tensorflow as tf", "jax.numpy as jnp").replace(
        "tf.reduce_sum", "jnp.sum"
    )


@pytest.mark.parametrize(
    ("module", "line"),
    [("tf_compat", "from tf_compat import helped"), (".compat", "from .compat import helped")],
)
def test_helpers_are_imported_and_reported(module: str, line: str) -> None:
    text = "import tensorflow as tf\n\nx = tf.helped(1)\n"
    emitted = trees.emit(text, trees.to_jax, options=EmitOptions(helper_module=module))
    assert emitted.text == f"{line}\n\nx = helped(1)\n"
    assert emitted.helpers == {"helped"}


OTHERS = {
    "p.a": "def f(): pass\ndef g(): pass\ndef h(): pass\n",
    "p.b": "def k(): pass\ndef n(): pass\n",
    "p.d": "class D: pass\nclass E: pass\n",
}


def _refer(text: str, *references: tuple[str, str], **facts: object) -> str:
    """The text with a last statement that refers to project definitions."""

    def add(module: ir.Module) -> ir.Module:
        value = ir.Tuple(tuple(ir.Reference(m, n) for m, n in references))
        return ir.replace_node(module, body=(*module.body, ir.ExpressionStatement(value)))

    original = trees.lower(text, name="p.mod", others=OTHERS)
    new = add(original) if references else original
    return trees.emit_module(new, original, text, TargetNames(**facts)).text  # type: ignore[arg-type]


def test_references_use_the_imports_that_are_there() -> None:
    text = "from . import b\nfrom .a import f as ff\n\nprint(ff, b)\n"
    assert _refer(text, ("p.a", "f"), ("p.b", "n")) == text + "(ff, b.n)\n"


def test_references_are_imported_in_the_style_of_the_file() -> None:
    assert _refer("from .a import f\n\nprint(f)\n", ("p.a", "g"), ("p.d", "E")) == (
        "from .a import f, g\nfrom .d import E\n\nprint(f)\n(g, E)\n"
    )
    assert _refer("import os\n\nprint(os)\n", ("p.a", "g"), ("p.mod", "x")) == (
        "import os\n\nfrom p.a import g\n\nprint(os)\n(g, x)\n"
    )


def test_renamed_definitions() -> None:
    text = "from . import b\nfrom .a import f, g as gg\n\nprint(f(1), gg, b.k)\n"
    renamed = {("p.a", "f"): "F", ("p.a", "g"): "G", ("p.b", "k"): "K"}
    assert _refer(text, renamed=renamed) == (
        "from . import b\nfrom .a import F, G as gg\n\nprint(F(1), gg, b.K)\n"
    )


def test_removed_definitions_are_not_imported() -> None:
    text = "from .a import f, g, h\n\nprint(f)\n"
    assert _refer(text, removed={("p.a", "g")}) == "from .a import f, h\n\nprint(f)\n"
