"""Published cases beside the repository; a test that needs one is skipped where they are not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest


def rows(case: str) -> list[dict[str, str]]:
    """Return the rows of the CSV file `case` in shared/cases, by their header."""
    return list(csv.DictReader(lines(case)))


def lines(case: str) -> list[str]:
    """Return the lines of the file `case` in shared/cases without its comments."""
    for folder in Path(__file__).resolve().parents:
        path = folder / "shared/cases" / case
        if path.exists():
            read = path.read_text(encoding="utf-8").splitlines()
            return [line for line in read if line and not line.startswith("#")]
    pytest.skip(f"../shared/cases/{case} is not there")
