"""Long proofs: each measures a claim at scale and keeps the result in docs/, proofs.md mostly.

A module of this folder that defines `PROOF` is a proof. `make prove` runs every one at its full
scale and writes its section with the digest of the sources it measured. The tests run each at its
small scale and check that the digests are those of the present sources.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.sources import ROOT, digest

PROOFS, STATISTICS, ALERTS = "proofs.md", "statistics.md", "alerts.md"
_DOCS = ROOT / "docs"
_HEADS = {page: Path(__file__).with_name(f"{page}.template") for page in (STATISTICS, ALERTS)}

_HEAD = """\
# Proofs
Written by `make prove`, which runs what takes too long for every change: a section for each proof,
with the digest of the sources that it measured. The tests run each of them at a small scale, and
fail when the digest is not that of the present sources. Comments, docstrings and the places of
modules do not count.
"""
_SECTION = re.compile(r"^## (?P<name>\S+)\n.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (.+?) \| (.+) \|$", re.MULTILINE)
_DIGEST = re.compile(r"sources `([0-9a-f]{16})`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A claim and how it is measured.

    `measure(scale, seed, folder)` returns figures by their names and raises AssertionError where
    the claim does not hold. `sources` are patterns of the files that the claim is about; whatever
    they import belongs to them, unless the claim is of those files `alone`. `page` is the file of
    docs/ that keeps the result; `quoted` returns files of the product that quote it, with their
    texts.
    """

    claim: str
    sources: tuple[str, ...]
    measure: Callable[[int, int, Path], Mapping[str, str]]
    small: int
    full: int
    alone: bool = False
    page: str = PROOFS
    quoted: Callable[[Mapping[str, str]], Mapping[Path, str]] = lambda _: {}

    def digest(self) -> str:
        """Return the digest of the present sources."""
        return digest(self.sources, imported=not self.alone)[:16]


def names() -> tuple[str, ...]:
    """Return the names of all proofs: those of their modules."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return tuple(m.stem for m in modules if "\nPROOF = " in m.read_text(encoding="utf-8"))


def load(name: str) -> Proof:
    """Return the proof called `name`."""
    found = importlib.import_module(f"tests.prove.{name}").PROOF
    assert isinstance(found, Proof)
    return found


def measured_digest(name: str) -> str:
    """Return the digest in the section of proof `name`, "" where it has none."""
    found = _DIGEST.search(_sections(load(name).page).get(name, ""))
    return found[1] if found else ""


def write_section(name: str, proof: Proof, figures: Mapping[str, str], *, seed: int) -> None:
    """Replace the section of proof `name`; sections of proofs that are gone are removed."""
    rows = "\n".join(f"| {figure} | {value} |" for figure, value in figures.items())
    section = (
        f"## {name}\n{proof.claim}\n\n| | |\n|---|---|\n{rows}\n\n"
        f"Scale {proof.full}, seed {seed}, sources `{proof.digest()}`.\n\n"
    )
    kept = {**_sections(proof.page), name: section}
    texts = [kept[each] for each in names() if each in kept]
    own = _HEADS.get(proof.page)
    head = _HEAD if own is None else own.read_text(encoding="utf-8")
    written = "\n".join([head, "".join(texts).rstrip(), ""])
    (_DOCS / proof.page).write_text(written, encoding="utf-8")
    for file, quoted in proof.quoted(figures).items():
        file.write_text(quoted, encoding="utf-8")


def figures_of(name: str) -> dict[str, str]:
    """Return the figures that stand in the section of proof `name`."""
    section = _sections(load(name).page).get(name, "")
    return dict(_ROW.findall(section))


def _sections(page: str) -> dict[str, str]:
    file = _DOCS / page
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    known = set(names())
    return {
        found["name"]: f"{found[0].rstrip()}\n\n"
        for found in _SECTION.finditer(text)
        if found["name"] in known
    }
