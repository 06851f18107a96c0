"""What goes into health messages is said in the contract's sentences, which screens translate."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest

from edge.errors import StoreError

STORE_ERRORS = {kind.__name__ for kind in (StoreError, *StoreError.__subclasses__())}


def store_errors_made() -> Iterator[tuple[str, str]]:
    """Yield where the unit makes an error of its store, and out of what."""
    folder = Path(str(resources.files("edge")))
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in STORE_ERRORS:
                yield f"{file.name}:{node.lineno}", ast.unparse(node.args[0])


@pytest.mark.parametrize(("where", "text"), [*store_errors_made()])
def test_the_stores_errors_are_sentences_of_the_contract(where: str, text: str) -> None:
    assert text.startswith("Problem."), where
