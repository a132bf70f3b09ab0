"""Records the calls of layers and modules while the source program runs.

Keras layers are hooked at their base class, so that layers of every package are seen; tf.Modules
(Sonnet and the like) at each subclass's own `__call__`.
"""
# pyright: basic

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from .places import Files, Place


class CallRecorder:
    """First call of each instance, in order, the number of calls so far, and the place in the
    source's files that computes now."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self.first_site: dict[int, Place] = {}
        self.running: list[int] = []
        self.first_call: dict[int, int] = {}
        self.instances: list[Any] = []
        self.count = 0
        self.recent: set[int] = set()
        self.results: list[tuple[Any, Any]] | None = None

    def start(self) -> None:
        """From here on `called` tells which instances take part."""
        self.recent.clear()

    def called(self) -> list[Any]:
        """The instances called since `start`, in the order of their first call."""
        return [i for i in self.instances if id(i) in self.recent]

    def enter(self, instance: Any) -> None:
        self.count += 1
        self.recent.add(id(instance))
        if id(instance) not in self.first_call:
            self.first_call[id(instance)] = self.count
            self.instances.append(instance)  # keeps the id taken
            place = self.files.innermost()
            if place is not None:  # for a layer of a functional model: where it is built in
                self.first_site[id(instance)] = place

    def site(self) -> Place | None:
        """The innermost line of the source's files; else where the innermost layer was built in."""
        place = self.files.innermost()
        if place is not None and not self.files.is_driver(place):
            return place
        sites = (self.first_site.get(i) for i in reversed(self.running))
        return next((site for site in sites if site is not None), place)

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        # functools.wraps keeps __module__, by which AutoGraph leaves Keras' own code alone
        @functools.wraps(function)
        def recorded(instance: Any, *args: Any, **kwargs: Any) -> Any:
            self.enter(instance)
            self.running.append(id(instance))
            try:
                result = function(instance, *args, **kwargs)
                if self.results is not None:
                    self.results.append((instance, result))
                return result
            finally:
                self.running.pop()

        recorded.tfjax_recorded = True  # type: ignore[attr-defined]
        return recorded


def _subclasses(cls: type) -> Iterator[type]:
    for sub in type.__subclasses__(cls):
        yield sub
        yield from _subclasses(sub)


def hook_class(cls: type, recorder: CallRecorder) -> None:
    call = vars(cls).get("__call__")
    if callable(call) and not hasattr(call, "tfjax_recorded"):
        cls.__call__ = recorder.wrap(call)  # type: ignore[operator]


def hook_modules(root: type, recorder: CallRecorder, layers: tuple[type, ...]) -> None:
    """Hook the own `__call__` of every subclass of tf.Module that is not a Keras layer."""
    for cls in list(_subclasses(root)):
        if not issubclass(cls, layers) and not cls.__module__.startswith("tensorflow."):
            hook_class(cls, recorder)
