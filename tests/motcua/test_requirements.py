"""The lock files: hashed, agreeing with each other and with pyproject.toml, naming no registry."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETS = ("edge", "server", "dashboards", "local", "dev")
APART = "deepface"  # installed in an environment of its own


def _pins(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;\\]+)", text, re.MULTILINE))


def _wanted(extra: str) -> Iterator[str]:
    """The packages that pyproject.toml asks for, the extras inside extras included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in (*project["dependencies"], *project["optional-dependencies"][extra]):
        name, _, extras = re.match(r"([A-Za-z0-9_.-]+)(\[(.*)\])?", requirement).groups()
        if name == "motcua":
            for inner in extras.split(","):
                yield from _wanted(inner)
        else:
            yield re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", [*SETS, APART])
def test_everything_that_is_asked_for_is_locked(name: str) -> None:
    assert set(_wanted(name)) <= set(_pins(name))


@pytest.mark.parametrize("name", SETS)
def test_sets_agree_with_the_one_that_tests_run_with(name: str) -> None:
    assert _pins(name).items() <= _pins("dev").items()


def test_the_set_apart_runs_the_same_versions_where_it_has_the_same_packages() -> None:
    apart, dev = _pins(APART), _pins("dev")
    assert {name: apart[name] for name in apart.keys() & dev.keys()}.items() <= dev.items()


def test_the_opencv_of_the_set_apart_is_in_no_other() -> None:
    contrib = "opencv-contrib-python-headless"
    assert [name for name in (*SETS, APART) if contrib in _pins(name)] == [APART]


@pytest.mark.parametrize("name", [*SETS, APART, "build"])
def test_every_package_has_hashes_and_no_registry_is_named(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    blocks = [
        block for block in re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE) if "==" in block
    ]
    packages = [block for block in blocks if not block.startswith("#")]
    assert packages
    assert all("--hash=sha256:" in block for block in packages)
    options = [line for line in text.splitlines() if re.match(r"\s*(--?[a-z]|https?:)", line)]
    assert all(line.strip().startswith("--hash=") for line in options)
    assert "://" not in text
