"""Who of a labelled folder trains, calibrates and judges: the same people for every model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from models.lab.evaluation.errors import DataInvalid
from models.lab.splits import Part, number_of, part_of

_FEWEST_PEOPLE = 2
_CALIBRATING = 1 / 16  # of those who do not judge, as in `part_of`


def parts_of(people: Sequence[str], labels_csv: Path) -> dict[str, Part]:
    """Return each person's part, of whom one at least trains and one at least calibrates.

    Where `part_of` leaves nobody to calibrate by, a few who would train do. Who judges stays as it
    is: an evaluation knows nothing of this folder's being small. Raises DataInvalid naming the file
    where fewer than two people are left.
    """
    parts = {person: part_of(person) for person in people}
    others = [person for person, part in parts.items() if part is not Part.VALIDATION]
    others.sort(key=number_of)  # names may begin with what they show
    if len(others) < _FEWEST_PEOPLE:
        raise DataInvalid(
            f"{labels_csv}: of its {len(parts)} people {len(others)} may train and calibrate, and "
            f"at least {_FEWEST_PEOPLE} have to; a fifth of all people is kept to judge by"
        )
    calibrating = sum(parts[person] is Part.CALIBRATION for person in others)
    if calibrating in {0, len(others)}:
        few = max(1, round(len(others) * _CALIBRATING))
        parts |= dict.fromkeys(others[:few], Part.CALIBRATION)
        parts |= dict.fromkeys(others[few:], Part.TRAINING)
    return parts
