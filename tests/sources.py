"""Digests of source code: what a costly test ran on, so that it runs again only after a change.

Comments, docstrings, import lines and the places of modules do not count: none of them changes what
the code does, and mypy finds an import that leads nowhere. Needs nothing but the standard library.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

_OURS = ("contract", "edge", "models", "motcua", "runtime", "server", "tests")


def digest(patterns: Sequence[str], *texts: str, root: Path = ROOT, imported: bool = True) -> str:
    """Return a digest of the files of `patterns`, of what their Python imports, and of `texts`.

    Without `imported` what they import does not count.
    Raises FileNotFoundError for a pattern that no file matches.
    """
    files = [path for pattern in patterns for path in _matching(root, pattern)]
    code = _with_imports([path for path in files if path.suffix == ".py"], root, follow=imported)
    hashes = sorted(_hash(_behaviour(path, tree).encode()) for path, tree in code.items())
    others = sorted({_hash(path.read_bytes()) for path in files if path.suffix != ".py"})
    return _hash("\n".join([*hashes, *others, *texts]).encode())


def _matching(root: Path, pattern: str) -> list[Path]:
    found = [path for path in sorted(root.glob(pattern)) if path.is_file()]
    if not found:
        raise FileNotFoundError(f"no file matches {pattern}: was it renamed?")
    return found


def _with_imports(waiting: list[Path], root: Path, *, follow: bool) -> dict[Path, ast.Module]:
    """Return the given modules and, to `follow`, whatever of ours they import, directly or not."""
    found: dict[Path, ast.Module] = {}
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = ast.parse(path.read_bytes())
            waiting.extend(_imported(found[path], root) if follow else ())
    return found


def _imported(tree: ast.Module, root: Path) -> Iterator[Path]:
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            if name.partition(".")[0] in _OURS:
                place = root.joinpath(*name.split("."))
                candidates = (place.with_suffix(".py"), place / "__init__.py")
                yield from (file for file in candidates if file.is_file())


def _behaviour(path: Path, tree: ast.Module) -> str:
    """Return the source without docstrings, imports, empty lines and lines of comments."""
    left_out: set[int] = set()
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_text or isinstance(node, ast.Import | ast.ImportFrom):
            left_out.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    lines = (
        line.rstrip()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if number not in left_out
    )
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
