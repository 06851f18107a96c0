"""The typed client that docs/examples offers for copying, as tests use it."""

from __future__ import annotations

import sys
from importlib import util
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "examples"


def _load(name: str):
    spec = util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


example = _load("motcua_client")
Motcua = example.Motcua
Problem = example.Problem
receiver = _load("ioc_client")
