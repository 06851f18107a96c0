"""The repository speaks of the product alone: no machine's paths, registries or makers."""

from __future__ import annotations

import re

import pytest

from tests.docs.repository import tracked_texts

# Put together from halves, so that this file does not contain what it looks for.
FORBIDDEN = {
    "package registry's host": r"pypi\." + r"org|python" + r"hosted\.|npmjs\." + r"(com|org)",
    "other package index": r"artifact" + r"registry|--(extra-)?index" + r"-url[ =]http",
    "path of one machine": r"/wor" + r"k/|/home" + r"/\w+/|/root" + r"/\w",
    "temporary path of one machine": r"/tm" + r"p/(ts|pg1\d|bash_jobs|brief)",
    "how it was written": r"(?i)\b(chat"
    + r"gpt|clau"
    + r"de|anthro"
    + r"pic|co-authored"
    + r"-by)\b",
    "work that is not the product's": r"(?i)\bsub-?ag" + r"ents?\b|\bAI ag" + r"ents?\b",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what):
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path, text in tracked_texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found


def test_locks_name_every_package_with_its_hash():
    locks = {
        path: text for path, text in tracked_texts().items() if path.startswith("requirements/")
    }
    assert locks
    for path, text in locks.items():
        logical = re.sub(r"\\\n\s*", " ", text)
        pinned = [
            line for line in logical.splitlines() if line and not line.lstrip().startswith("#")
        ]
        assert pinned, path
        for line in pinned:
            assert re.match(r"[\w.\-\[\]]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), (
                f"{path}: {line[:80]}"
            )
