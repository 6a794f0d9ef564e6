"""Loads Great Expectations, which costs more than all that a small run does: without the garbage collector, and without
what its charts and its tests of distributions alone need. It keeps quiet about itself."""

from __future__ import annotations

import gc
import importlib
import logging
import sys
import warnings
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# No rule of the pipeline uses them. 0.9 of 1.9 processor seconds (Great Expectations 1.24.1, SciPy 1.17, Altair 6.3).
NOT_NEEDED = ("scipy.stats", "altair")
_NAME = "great_expectations"


class LazyModule(ModuleType):
    """Stands for a module until something of it is used. importlib's own LazyLoader gives way at the next ``import``,
    which asks for the module's spec."""

    def __getattr__(self, name: str) -> Any:
        """Called for what is not here: the module takes its place now."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@cache
def great_expectations() -> ModuleType:
    """The module great_expectations, with its expectations."""
    for name in NOT_NEEDED:
        sys.modules.setdefault(name, LazyModule(name))
    with _no_collection(), _quiet():
        importlib.import_module(f"{_NAME}.expectations")
        return importlib.import_module(_NAME)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Some hundred thousand objects are made, and all of them stay: to look for garbage among them finds none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def _quiet() -> Iterator[None]:
    """It logs its own registrations at length; one of its loggers sets itself a level when it is made. Its
    deprecation warnings are of no use to the reader of a task's log."""
    logging.getLogger(_NAME).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(f"{_NAME}."):
            logging.getLogger(name).setLevel(logging.NOTSET)
