"""What names stand for: every import form, alias and injection."""

from __future__ import annotations

import pytest
from stub_api import StubApi
from tfjax.transpiler.frontend import (
    ApiModule,
    ApiObject,
    External,
    ProjectDefinition,
    ProjectModule,
    ProjectTable,
    Resolution,
    parse_module,
)

DENSE = ApiObject("keras.layers.Dense")
LAYERS = ApiModule("keras.layers")


def project(**sources: str) -> ProjectTable:
    """A project; `pkg__init` is the `__init__` of package `pkg`, `pkg__a` its module `a`."""
    modules = {}
    for key, text in sources.items():
        is_package = key.endswith("__init")
        name = key.removesuffix("__init").replace("__", ".")
        modules[name] = parse_module(text, name=name, is_package=is_package)
    return ProjectTable.build(modules, StubApi())


def resolve(text: str, name: str) -> Resolution | None:
    return project(m=text).resolve("m", name)


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("import tensorflow as tf", "tf.reduce_sum", ApiObject("tf.reduce_sum")),
        ("import tensorflow as tf", "tf.math.reduce_sum", ApiObject("tf.reduce_sum")),
        ("import tensorflow as tf", "tf.keras.layers.Dense", DENSE),
        ("import tensorflow as tf", "tf.no_such", ApiObject("tf.no_such", known=False)),
        ("import tensorflow.compat.v2 as tf", "tf.nn.relu", ApiObject("tf.nn.relu")),
        ("import tensorflow.keras.backend as K", "K.mean", ApiObject("keras.backend.mean")),
        ("import tensorflow.keras.backend", "tensorflow.keras.layers.Dense", DENSE),
        ("from tensorflow.keras import layers as L", "L.Dense", DENSE),
        ("from tensorflow.python.keras.layers import Dense as D", "D", DENSE),
        ("from tensorflow import reduce_sum as rs", "rs", ApiObject("tf.reduce_sum")),
        ("from keras.layers import Dense", "Dense", DENSE),
        ("from keras.layers import *", "Dense", DENSE),
        ("from keras.layers import *", "dense", None),
        ("from tf_keras.src import backend", "backend.mean", ApiObject("keras.backend.mean")),
        ("from keras import layers\nDense = layers.Dense", "Dense", DENSE),
        (
            "from keras import layers\nA, B = layers.Add, layers.Dense",
            "B",
            DENSE,
        ),
        ("from keras.models import Functional as F", "F", ApiObject("keras.Model")),
        ("import numpy as np", "np.float32", External("numpy.float32")),
        ("import os.path", "os.path.join", External("os.path.join")),
        ("x = 1", "x", ProjectDefinition("m", "x")),
        ("def f(): pass\ng = f", "g", ProjectDefinition("m", "f")),
        ("x = 1", "print", None),
    ],
)
def test_imports_and_aliases(text: str, name: str, expected: Resolution | None) -> None:
    assert resolve(text, name) == expected


@pytest.mark.parametrize(
    "text",
    [
        "try:\n    from keras import layers\nexcept ImportError:\n    from mine import layers",
        "try:\n    from mine import layers\nexcept ImportError:\n    from keras import layers",
        "try:\n    from keras import layers\nexcept ImportError:\n    layers = None",
        "if new:\n    from keras import layers\nelse:\n    from tensorflow.keras import layers",
        "from keras import layers as a\nlayers = a if x else None",
        "import importlib\nlayers = importlib.import_module('tensorflow.keras.layers')",
        "from importlib import import_module as im\nlayers = im('keras' + '.' + 'layers')",
        "import keras\nlayers = getattr(keras, 'layers')",
        "from .lazy import LazyLoader\n"
        "layers = LazyLoader('layers', globals(), 'tensorflow.keras.layers')",
        "from tf_keras.src.layers import VersionAwareLayers\nlayers = VersionAwareLayers()",
        "from mine import layers\nfrom keras import layers",
        (
            "from keras.layers import VersionAwareLayers\nlayers = None\n"
            "def f(**kwargs):\n    global layers\n    if 'layers' in kwargs:\n"
            "        layers = kwargs.pop('layers')\n    else:\n"
            "        layers = VersionAwareLayers()\n"
            "    return layers.Dense(1)"
        ),
        (
            "from keras_applications import get_submodules_from_kwargs\n"
            "def f(**kw):\n    global backend, layers\n"
            "    backend, layers, models, utils = get_submodules_from_kwargs(kw)\n"
            "    return layers.Dense(1)"
        ),
        "layers = None\ndef f(**kwargs):\n    global layers\n    layers = kwargs.get('layers')\n"
        "    return layers.Dense(1)",
    ],
)
def test_layers_module(text: str) -> None:
    assert resolve(text, "layers") == LAYERS


@pytest.mark.parametrize(
    "text",
    [
        "from keras import layers\nlayers = 3",
        "layers = config.get('layers')\nfor i in range(layers): pass",
        "from keras import layers as a, backend as b\nlayers = a if x else b",
        "layers = None",
    ],
)
def test_own_variable(text: str) -> None:
    assert resolve(text, "layers") == ProjectDefinition("m", "layers")


def test_fallback_definition_gives_way_to_the_api() -> None:
    text = "try:\n    from keras.layers import Dense\nexcept ImportError:\n    class Dense: pass"
    assert resolve(text, "Dense") == DENSE


def test_modules_of_the_project() -> None:
    table = project(
        pkg__init="from .shim import keras, K\nfrom .shim import *\nfrom . import a as b",
        pkg__shim="from tensorflow import keras\nimport keras.backend as K\n"
        "__all__ = ['one']\ndef one(): pass\ndef two(): pass",
        pkg__a="from . import keras, shim\nfrom .a import loop\nfrom pkg.missing import gone",
        main="import pkg.a\nfrom pkg import keras as k, one\nfrom pkg.b import x",
    )
    assert table.resolve("main", "pkg.a") == ProjectModule("pkg.a")
    assert table.resolve("main", "pkg.a.keras.layers.Dense") == DENSE
    assert table.resolve("main", "k.layers") == LAYERS
    assert table.resolve("main", "one") == ProjectDefinition("pkg.shim", "one")
    assert table.resolve("pkg", "two") is None
    assert table.resolve("pkg", "b") == ProjectModule("pkg.a")
    assert table.resolve("pkg.a", "shim.one") == ProjectDefinition("pkg.shim", "one")
    assert table.resolve("pkg.a", "loop") == ProjectDefinition("pkg.a", "loop")
    assert table.resolve("pkg.a", "gone") == External("pkg.missing.gone")


@pytest.mark.parametrize("line", ["from pkg import nets", "from . import nets"])
def test_a_package_that_imports_its_own_module(line: str) -> None:
    table = project(pkg__init=line, pkg__nets="class Net: pass", main="import pkg as m")
    assert table.resolve("main", "m.nets") == ProjectModule("pkg.nets")
    assert table.resolve("main", "m.nets.Net") == ProjectDefinition("pkg.nets", "Net")


def test_import_cycle() -> None:
    table = project(
        a="from b import Dense, f\nfrom keras import layers",
        b="from a import layers\nDense = layers.Dense\ndef f(): pass",
    )
    assert table.resolve("a", "Dense") == DENSE
    assert table.resolve("b", "Dense") == DENSE
    assert table.resolve("a", "f") == ProjectDefinition("b", "f")


HELPER = """
from importlib import import_module
from packaging import version
import tensorflow
v = version.parse(tensorflow.__version__)
NEW = v >= version.parse("2.16")
_KERAS = "keras" if (NEW or v.major == 1) else "tensorflow.keras"
def keras_import(sub=None, *names):
    if sub is None:
        return import_module(_KERAS)
    else:
        mod = import_module('{_KERAS}.{sub}'.format(_KERAS=_KERAS,sub=sub))
        if len(names) == 0:
            return mod
        elif len(names) == 1:
            return getattr(mod, names[0])
        return tuple(getattr(mod, name) for name in names)
def endless(x):
    return import_module(endless(x))
def pick(name):
    if unknown():
        return import_module("keras.layers")
    return import_module("keras.backend")
"""


def test_helper_functions_that_import() -> None:
    table = project(
        tools=HELPER,
        main="from tools import keras_import, endless, pick\nimport tools\n"
        "keras = keras_import()\nK = tools.keras_import('backend')\n"
        "Dense = keras_import('layers', 'Dense')\n"
        "Add, Conv2D = keras_import('layers', 'Add', 'Conv2D')\n"
        "lost = endless('x')\nsome = pick('x')\nany = keras_import(read())\n",
    )
    assert table.resolve("main", "keras") == ApiModule("keras")
    assert table.resolve("main", "K") == ApiModule("keras.backend")
    assert table.resolve("main", "Dense") == DENSE
    assert table.resolve("main", "Conv2D") == ApiObject("keras.layers.Conv2D")
    for name in ("lost", "some", "any"):
        assert table.resolve("main", name) == ProjectDefinition("main", name)


def test_helper_with_keyword_arguments_in_the_project() -> None:
    table = project(
        common="def get_submodules_from_kwargs(kwargs):\n"
        "    backend = kwargs.get('backend', _B)\n    layers = kwargs.get('layers', _L)\n"
        "    for key in kwargs.keys():\n        if key not in ['backend']:\n"
        "            raise TypeError(key)\n    return backend, layers\n",
        main="from common import get_submodules_from_kwargs as get\n"
        "def f(**kwargs):\n    global layers\n    _, layers = get(kwargs)\n    layers.Dense(1)\n",
    )
    assert table.resolve("main", "layers") == LAYERS


NAMESPACE = """
import tensorflow as tf
from importlib import import_module
K = import_module("keras.backend")
if new():
    OPS = import_module("keras.ops")
    _remap = dict(tf=tf, mean=OPS.mean, int_shape=OPS.shape)
    class Backend(object):
        def __getattr__(self, name):
            if name in _remap:
                return _remap[name]
            elif hasattr(K, name):
                return getattr(K, name)
            else:
                return getattr(OPS, name)
else:
    _remap = {"tf": tf}
    class Backend(object):
        def __getattr__(self, name):
            if name in _remap:
                return _remap[name]
            return getattr(K, name)
BACKEND = Backend()
class Other:
    count = 0
    def __getattr__(self, name):
        return getattr(K, name)
OTHER = Other()
class Loud:
    def __getattr__(self, name):
        return read(name)
LOUD = Loud()
"""


def test_objects_that_look_up_a_module() -> None:
    table = project(shim=NAMESPACE, main="from shim import BACKEND as K, OTHER, LOUD")
    assert table.resolve("main", "K.image_data_format") == ApiObject(
        "keras.backend.image_data_format"
    )
    assert table.resolve("main", "K.tf") == ApiModule("tf")
    assert table.resolve("main", "K.tf.stack") == ApiObject("tf.stack")
    # Of two versions' answers, what both versions have; `mean` of the stub has one in each.
    assert table.resolve("main", "K.int_shape") == ApiObject("keras.backend.int_shape")
    for name in ("OTHER.mean", "LOUD.mean", "K.mean"):
        assert table.resolve("main", name) is None
