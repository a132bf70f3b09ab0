"""Values and code that could not be translated."""

from typing import Any, NoReturn

_UNTRANSLATED_USES = (
    *("call", "iter", "len", "bool", "int", "float", "index", "eq", "ne", "lt", "le", "gt", "ge"),
    *("getitem", "contains", "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv"),
    *("matmul", "rmatmul", "neg", "array", "str", "format", "fspath", "enter"),
)


def untranslated(message: str) -> Any:
    """Stands for a value that could not be translated: NotImplementedError where it is used."""

    def fail(*_: Any, **__: Any) -> NoReturn:
        raise NotImplementedError(message)

    def attribute(_: Any, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)  # tools that look at all values of a module
        raise NotImplementedError(message)

    members = {f"__{name}__": fail for name in _UNTRANSLATED_USES}
    members |= {"__getattr__": attribute, "__hash__": object.__hash__}
    return type("Untranslated", (), members)()


def raise_untranslated(message: str) -> NoReturn:
    """Stands where code that could not be translated would run: NotImplementedError."""
    raise NotImplementedError(message)
