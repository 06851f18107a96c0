"""Which people of a labelled collection train a model, calibrate it, or are kept to judge it."""

from __future__ import annotations

import hashlib
from enum import StrEnum


class Part(StrEnum):
    """A person belongs to one part, with all pictures."""

    TRAINING = "training"
    CALIBRATION = "calibration"
    VALIDATION = "validation"


def person_of(person: str, file: str) -> str:
    """Return whose picture `file` is: where no person is named, the picture is its own."""
    return person or file


def part_of(person: str) -> Part:
    """Return the part of `person`, by a number that comes of the name alone.

    A fifth of all people validate (number % 5 == 0), a twentieth calibrate (number % 20 == 1), the
    rest train. No list has to be kept, and adding people moves nobody.
    """
    number = number_of(person)
    if number % 5 == 0:
        return Part.VALIDATION
    if number % 20 == 1:
        return Part.CALIBRATION
    return Part.TRAINING


def number_of(person: str) -> int:
    """Return int(md5(name), 16): it is the same everywhere, and tells nothing of the person."""
    return int(hashlib.md5(person.encode(), usedforsecurity=False).hexdigest(), 16)
