"""The layout of an HDF5 file as plain data: its groups, attributes and arrays without values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .tensor import CheckpointError, numpy_dtype
from .weight_map import Dataset, Layout

LARGEST_CONSTANT = 4096
"""Elements of an array that is kept in the layout: state of generators, counters."""


def layout_of(file: Any, sources: Mapping[str, str], texts: dict[str, str]) -> Layout:
    """`sources`: path in the file -> path of the variable. Raises CheckpointError for a large array
    that is no variable."""
    groups: list[tuple[str, dict[str, Any]]] = [("", _attributes(file))]
    datasets: list[Dataset] = []

    def visit(name: str, item: Any) -> None:
        if hasattr(item, "keys"):
            groups.append((name, _attributes(item)))
            return
        shape = tuple(int(n) for n in item.shape)
        stored = item.attrs.get("dtype")
        dtype = item.dtype.name if stored is None else str(stored)
        source, value = sources.get(name, ""), None
        if not source:
            if item.size > LARGEST_CONSTANT:
                raise CheckpointError(f"`{name}` is no variable of the program")
            value = item[()].tolist()
        datasets.append(Dataset(name, shape, dtype, source, value, _attributes(item)))

    file.visititems(visit)
    return Layout(tuple(groups), tuple(datasets), texts)


def write_layout(file: Any, layout: Layout, read: Callable[[str], Any]) -> None:
    """Fills an empty HDF5 file; `read` gives the array of a variable. Raises CheckpointError where
    the file's dtype would round it."""
    import numpy as np

    for name, attributes in layout.groups:
        group = file.require_group(name) if name else file
        _set(group, attributes)
    for data in layout.datasets:
        value = read(data.source) if data.source else np.asarray(data.value)
        array = np.asarray(value)
        dtype = numpy_dtype(data.dtype)
        if array.dtype != dtype:
            cast = array.astype(dtype)
            if cast.astype(array.dtype).tobytes() != array.tobytes():
                text = f"`{data.source}` is {array.dtype.name}, and {data.dtype} would round it"
                raise CheckpointError(text)
            array = cast
        made = file.create_dataset(data.path, data=array.reshape(data.shape))
        _set(made, data.attributes)


def _attributes(item: Any) -> dict[str, Any]:
    return {name: _encoded(item.attrs[name]) for name in item.attrs}


def _encoded(value: Any) -> dict[str, Any]:
    import numpy as np

    if isinstance(value, bytes):
        return {"bytes": value.decode("utf-8")}
    if isinstance(value, str):
        return {"text": value}
    array = np.asarray(value)
    if array.dtype.kind == "S":
        return {"names": [bytes(n).decode("utf-8") for n in array.reshape(-1)]}
    if array.dtype.kind == "O":
        return {"texts": [n.decode("utf-8") if isinstance(n, bytes) else str(n) for n in array]}
    return {"array": array.tolist(), "dtype": array.dtype.name}


def _set(item: Any, attributes: Mapping[str, Any]) -> None:
    import numpy as np

    for name, data in attributes.items():
        match data:
            case {"bytes": str(text)}:
                item.attrs[name] = np.bytes_(text.encode("utf-8"))
            case {"text": text}:
                item.attrs[name] = text
            case {"names": [*names]}:
                item.attrs[name] = np.asarray([str(n).encode("utf-8") for n in names])
            case {"texts": texts}:
                item.attrs[name] = texts
            case _:
                item.attrs[name] = np.asarray(data["array"], data["dtype"])
