"""Who trains and who calibrates: the same people for faces as for expressions."""

from __future__ import annotations

import pytest

from models.lab.evaluation.errors import DataInvalid
from models.lab.splits import Part, part_of
from models.lab.training.people import parts_of
from models.lab.training.photographs import photographs
from models.lab.training.pictures import labelled_folder
from tests.models.lab.training.collections import labelled_faces


def test_where_nobody_calibrates_faces_are_lent_the_people_that_expressions_are(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=6)
    labels = folder / "labels.csv"
    labels.write_text(labels.read_text().replace("person 1\n", "An\n"))
    people = ["An", *(f"person {number}" for number in (0, 2, 3, 4, 5))]
    assert Part.CALIBRATION not in {part_of(person) for person in people}

    parts, pictures = parts_of(people, labels), labelled_folder(folder)
    for part in Part:
        known = photographs(folder, part)
        assert len(known) == len(pictures[part]) == 3 * list(parts.values()).count(part)
    assert list(parts.values()).count(Part.CALIBRATION) == 1


def test_one_person_alone_trains_no_detector(tmp_path):
    folder = labelled_faces(tmp_path / "faces", people=1)
    with pytest.raises(DataInvalid, match=r"labels\.csv: of its 1 people"):
        photographs(folder, Part.TRAINING)
    assert len(photographs(folder, None)) == 3
