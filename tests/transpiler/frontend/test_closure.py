"""`import_closure`: which files, and which statements of them, a file needs."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from tfjax.transpiler.frontend import NeededFile, import_closure


def closure(folder: Path, files: dict[str, str]) -> dict[str, NeededFile]:
    """What `main.py` needs, by module, dependencies first."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return {f.module: f for f in import_closure([folder / "main.py"], [folder])}


def kept(file: NeededFile) -> list[str]:
    """The first lines of the statements that stay."""
    lines = file.path.read_text(encoding="utf-8").splitlines()
    assert file.part is not None
    return [lines[number - 1].strip() for number in sorted(file.part.lines)]


def test_names_lead_to_definitions(tmp_path: Path) -> None:
    found = closure(
        tmp_path,
        {
            "main.py": "from pkg import Net, helper\nimport numpy\nimport keras\n"
            "from pkg import sub\nimport plain.tools\n"
            "x = Net, helper, sub.thing(plain.tools.go())",
            "pkg/__init__.py": "from .net import Net\nfrom .other import O\nfrom .star import *",
            "pkg/net.py": "from .base import Base\nimport main\nclass Net(Base): pass",
            "pkg/base.py": "Base = object\nUnused = 1",
            "pkg/other.py": "import pkg.never",
            "pkg/never.py": "",
            "pkg/star.py": "def helper(): pass",
            "pkg/sub/__init__.py": "from .a import thing\nfrom .b import unused",
            "pkg/sub/a.py": "(",
            "pkg/sub/b.py": "",
            "plain/tools.py": "def go(): pass",
        },
    )
    assert {name: file.names for name, file in found.items()} == {
        "pkg.base": {"Base"},
        "pkg.net": {"Base", "Net"},
        "pkg.star": {"helper"},
        "pkg": {"Net", "helper"},
        "pkg.sub.a": None,
        "pkg.sub": {"thing"},
        "plain.tools": {"go"},
        "main": None,
    }
    order = list(found)
    assert order.index("pkg.base") < order.index("pkg.net") < order.index("main")
    assert [name for name, file in found.items() if file.error] == ["pkg.sub.a"]
    part = found["pkg"].part
    assert part is not None
    assert part.leads == (("helper", "pkg.star", "helper", 3),)


def test_a_package_that_imports_its_own_module(tmp_path: Path) -> None:
    found = closure(
        tmp_path,
        {
            "main.py": "import pkg as m\nx = m.nets.Net()",
            "pkg/__init__.py": "from pkg import nets\nfrom pkg import other",
            "pkg/nets/__init__.py": "from pkg.src.net import Net\nfrom pkg.src.more import More",
            "pkg/src/net.py": "class Net: pass\nclass Unused: pass",
            "pkg/src/more.py": "class More: pass",
            "pkg/other.py": "",
        },
    )
    assert {name: file.names for name, file in found.items()} == {
        "pkg.src.net": {"Net"},
        "pkg.nets": {"Net"},
        "pkg": {"nets"},
        "main": None,
    }


def test_methods_whose_names_are_read(tmp_path: Path) -> None:
    base = """\
    import keras
    from export import Exporter

    class Base(keras.Model):
        size = 3
        def __init__(self): pass
        def call(self, x): return self.head(x)
        def head(self, x): return x
        def save(self): Exporter()
        @property
        def width(self): return 1
    """
    main = """\
    from base import Base

    class Net(Base):
        def go(self): return getattr(self, "width")
    """
    found = closure(tmp_path, {"main.py": main, "base.py": base, "export.py": "Exporter = 1"})
    assert set(found) == {"base", "main"}
    assert kept(found["base"]) == [
        "import keras",
        "class Base(keras.Model):",
        "def __init__(self): pass",
        "def call(self, x): return self.head(x)",
        "def head(self, x): return x",
        "@property",
    ]


def test_a_base_of_another_package_may_call_any_method(tmp_path: Path) -> None:
    base = "from elsewhere import Visitor\nclass Mine(Visitor):\n    def visit_x(self): pass\n"
    found = closure(tmp_path, {"main.py": "from base import Mine\nMine()", "base.py": base})
    assert "def visit_x(self): pass" in kept(found["base"])


def test_what_only_type_checkers_see(tmp_path: Path) -> None:
    lazy = """\
    from typing import TYPE_CHECKING
    from .lazy import Lazy
    __version__ = "1"
    if TYPE_CHECKING:
        from .models import *
    else:
        import sys
        sys.modules[__name__] = Lazy(__name__)
    """
    files = {
        "main.py": """\
            from typing import TYPE_CHECKING
            import pkg
            if TYPE_CHECKING:
                from world import World
            def f(x: "World"): return pkg.Net, pkg.__version__
        """,
        "world.py": "World = 1",
        "pkg/__init__.py": lazy,
        "pkg/lazy.py": "class Lazy: pass",
        "pkg/models/__init__.py": "from .net import *",
        "pkg/models/net.py": "__all__ = ['Net']\nclass Net: pass",
    }
    found = closure(tmp_path, files)
    assert set(found) == {"pkg.models.net", "pkg", "main"}
    part = found["pkg"].part
    assert part is not None
    assert part.leads == (("Net", "pkg.models.net", "Net", 0),)
    assert kept(found["pkg"]) == ['__version__ = "1"']


def test_statements_that_change_a_needed_name(tmp_path: Path) -> None:
    table = """\
    import os
    from elsewhere import log
    TABLE = {}
    OTHER = {}
    TABLE["a"] = 1
    OTHER["a"] = 1
    TABLE.update(b=2)
    os.environ["X"] = "1"
    log.Log.once = TABLE
    """
    found = closure(tmp_path, {"main.py": "from table import TABLE\nTABLE", "table.py": table})
    assert kept(found["table"]) == ["TABLE = {}", 'TABLE["a"] = 1', "TABLE.update(b=2)"]


def test_guarded_imports(tmp_path: Path) -> None:
    tools = """\
    from checks import has_fast
    if has_fast():
        from fast import go
    else:
        from slow import go
    try:
        import missing
    except ImportError:
        missing = None
    """
    files = {"main.py": "from tools import go\ngo()", "tools.py": tools}
    files |= {"checks.py": "def has_fast(): pass", "fast.py": "go = 1", "slow.py": "go = 2"}
    found = closure(tmp_path, files)
    assert set(found) == {"checks", "fast", "slow", "tools", "main"}
    assert found["tools"].names == {"has_fast", "go"}


def test_installed_packages_that_were_not_named(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    for name, text in {
        "net/a.py": "from .b import f\nimport dep\ndep.g(f)",
        "net/b.py": "f = 1",
    }.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)
    (site / "dep").mkdir()
    (site / "dep" / "__init__.py").write_text("g = 1")
    found = import_closure([site / "net" / "a.py"], [site])
    assert [file.module for file in found] == ["net.b", "net.a"]


def test_what_a_package_passes_on_comes_before_those_that_take_it(tmp_path: Path) -> None:
    files = {
        "main.py": "import pkg\nprint(pkg.ANet)",
        "pkg/__init__.py": """\
            from typing import TYPE_CHECKING
            __version__ = "1"
            if TYPE_CHECKING:
                from .net import ANet
                from .base import ZBase
        """,
        "pkg/base.py": "from . import __version__\nclass ZBase: version = __version__",
        "pkg/net.py": "from . import ZBase\nclass ANet(ZBase): pass",
    }
    part = closure(tmp_path, files)["pkg"].part
    assert part is not None
    assert [lead.name for lead in part.leads] == ["ZBase", "ANet"]
