"""Every relative link in a document leads to a file of the repository, and to a heading in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.repository import ROOT, tracked_files

DOCUMENTS = [file for file in tracked_files() if file.suffix == ".md"]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def links(text: str) -> list[str]:
    return _LINK.findall(_CODE.sub("", text))


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.exists() or not target.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[file.relative_to(ROOT).as_posix() for file in DOCUMENTS]
)
def test_relative_links_resolve(document):
    relative = [link for link in links(document.read_text("utf-8")) if ":" not in link]
    assert [link for link in relative if not leads_somewhere(document, link)] == []


def test_links_in_code_are_not_followed():
    assert links("[a](b.md) `[c](d.md)`\n```\n[e](f.md)\n```") == ["b.md"]


def test_anchor_is_the_heading_in_lower_case():
    assert anchors("## One picture\n# `motcua` run: how?") == {"one-picture", "motcua-run-how"}


def test_every_decision_is_short_and_says_what_would_change_it():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert decisions
    for number, decision in enumerate(decisions, start=1):
        text = decision.read_text(encoding="utf-8")
        assert decision.name.startswith(f"{number:04}-")
        assert text.startswith(f"# {number:04} ")
        assert "## What would change our mind" in text
        assert len(text.splitlines()) < 60
