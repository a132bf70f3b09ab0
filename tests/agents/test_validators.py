"""Static checks: what is refused, by which check, and with what hint; hostile answers above all."""

import pytest
from tfjax.agents.validators import check_static

from tests.agents.support import region

ONE = region("tf.abs(x)", ("x",))
HOSTILE = {
    "reads a file": "def region(x):\n    return open('/etc/passwd').read()\n",
    "imports os": "import os\ndef region(x):\n    return os.listdir('/')\n",
    "imports os inside": "def region(x):\n    import os\n    return os.environ\n",
    "imports by name": "def region(x):\n    return __import__('os').getcwd()\n",
    "opens a socket": "import socket\ndef region(x):\n    return socket.socket()\n",
    "starts a process": "import subprocess\ndef region(x):\n    return subprocess.run(['ls'])\n",
    "imports ctypes": "from ctypes import CDLL\ndef region(x):\n    return CDLL(None)\n",
    "evaluates text": "def region(x):\n    return eval('x')\n",
    "executes text": "def region(x):\n    exec('y = 1')\n    return x\n",
    "compiles text": "def region(x):\n    return compile('1', '', 'eval')\n",
    "climbs to object": "def region(x):\n    return ().__class__.__bases__[0]\n",
    "reads globals": "def region(x):\n    return jnp.sum.__globals__\n",
    "reads a closure": "def region(x):\n    return jnp.sum.__closure__\n",
    "walks to os": "def region(x):\n    return np.os.system('ls')\n",
    "walks a module": "def region(x):\n    return jax.numpy.linalg.os\n",
    "asks getattr": "def region(x):\n    return getattr(x, 'shape')\n",
    "sets an attribute": "def region(x):\n    jnp.sum = None\n    return x\n",
    "calls back": "def region(x):\n    return jax.pure_callback(print, x, x)\n",
    "calls back in debug": "def region(x):\n    jax.debug.callback(print, x)\n    return x\n",
    "prints in debug": "def region(x):\n    jax.debug.print('{}', x)\n    return x\n",
    "writes an array": "def region(x):\n    jnp.save('x.npy', x)\n    return x\n",
    "reads an array": "def region(x):\n    return jnp.load('x.npy')\n",
    "changes settings": "def region(x):\n    jax.config.update('jax_x', True)\n    return x\n",
    "uses globals": "def region(x):\n    global y\n    y = x\n    return y\n",
    "defines a class": "class A:\n    pass\ndef region(x):\n    return x\n",
    "runs at import": "jnp.zeros(3)\ndef region(x):\n    return x\n",
    "hides in a default": "def region(x, y=open('/etc/passwd')):\n    return x\n",
    "hides in a decorator": "@print\ndef region(x):\n    return x\n",
    "swallows errors": "def region(x):\n    try:\n        return x\n    finally:\n        x = 0\n",
    "formats with attributes": "def region(x):\n    return '{0.__class__}'.format(x)\n",
    "an f-string": "def region(x):\n    return f'{x.__class__}'\n",
    "a generator": "def region(x):\n    yield x\n",
    "a coroutine": "async def region(x):\n    return x\n",
    "a huge power": "def region(x):\n    return 10 ** 10000000000\n",
    "a huge list": "def region(x):\n    return [0] * 100000000000\n",
    "a huge text": "def region(x):\n    return 'a' * 100000000000\n",
    "a deep nest": "def region(x):\n    return " + "-" * 500 + "x\n",
    "a long answer": "def region(x):\n    return x\n" + "#" * 30_000,
    "a NUL": "def region(x):\n    return x\0\n",
    "ends the process": "def region(x):\n    exit()\n    return x\n",
    "an experimental door": "def region(x):\n    return jax.experimental.io_callback(x, x)\n",
    "TensorFlow itself": "import tensorflow as tf\ndef region(x):\n    return tf.abs(x)\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_answers_are_refused_unrun(name: str):
    verdict = check_static(HOSTILE[name], ONE)
    assert verdict is not None
    assert not verdict.accepted


@pytest.mark.parametrize(
    "body",
    [
        "return jnp.abs(x)",
        "return jnp.where(x < 0, -x, x)",
        "total = jnp.sum(x, axis=-1, keepdims=True)\n    return x / total",
        "return x.at[0].add(1.0).astype(x.dtype)",
        "return lax.fori_loop(0, 3, lambda i, v: v + i, x)",
        "def step(c, row):\n        return c + row, c\n    return lax.scan(step, x[0], x)[1]",
        "return jax.vmap(lambda row: row[::-1])(x)",
        "return jnp.stack([x[i] for i in range(x.shape[0])])",
        "return (x.mT @ x).reshape(x.shape[-1], -1)",
        "return jnp.finfo(x.dtype).eps + x * np.pi",
        "return math.prod(x.shape) * x",
    ],
)
def test_honest_answers_pass(body: str):
    assert check_static(f"def region(x):\n    {body}\n", ONE) is None


@pytest.mark.parametrize(
    ("code", "stage", "words"),
    [
        ("def region(x)\n    return x\n", "parse", "line 1"),
        ("def other(x):\n    return x\n", "form", "signature"),
        ("def region(y):\n    return y\n", "form", "signature"),
        ("def region(x):\n    print(x)\n    return x\n", "purity", "`print`"),
        ("def region(x):\n    pass\n", "form", "returns nothing"),
        ("def region(x):\n    return tf.abs(x)\n", "residue", "`tf`"),
        ("def region(x):\n    return jnp.absolut(x)\n", "names", "`jax.numpy.absolut`"),
        ("def region(x):\n    return jnp.sum(x, keepdim=True)\n", "names", "`keepdim`"),
        ("def region(x):\n    return x.numpy()\n", "names", "`.numpy`"),
        ("def region(x):\n    return y\n", "names", "`y` is not defined"),
        ("import jax.numpy as np\ndef region(x):\n    return np.abs(x)\n", "names", "`jnp`"),
        ("def region(x):\n    jnp = x\n    return jnp\n", "names", "module"),
        ("def region(x):\n    y = 1\n    return x\n", "style", "F841"),
        ("def region(x):\n    x[0] = 1\n    return x\n", "purity", ".at[...].set"),
    ],
)
def test_refusals_name_the_cause(code: str, stage: str, words: str):
    verdict = check_static(code, ONE)
    assert verdict is not None
    assert (verdict.stage, words in verdict.message) == (stage, True), verdict


def test_an_invented_name_brings_cards_of_real_ones():
    verdict = check_static("def region(x):\n    return jnp.scatter_nd_add(x, x)\n", ONE)
    assert verdict is not None
    assert any(hint.startswith("lax.scatter_add(operand") for hint in verdict.hints)
    assert "note: lax.scatter_add" in verdict.feedback()
