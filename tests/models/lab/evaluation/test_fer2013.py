"""The FER2013 file: its splits, FER+ votes, and what may be wrong with it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.lab.evaluation.errors import DataInvalid, DataMissing
from models.lab.evaluation.expressions import evaluate_expressions
from models.lab.evaluation.faces import UnusablePicture
from models.lab.evaluation.fer2013 import FERPLUS, ORIGINAL, Split, majorities, read_fer2013
from tests.models.lab.evaluation.fakes import GreyReader

NAMES = (b"angry", b"disgust", b"fear", b"happy", b"sad", b"surprise", b"neutral")
VOTES = (
    b"neutral", b"happiness", b"surprise", b"sadness", b"anger", b"disgust", b"fear", b"contempt",
    b"unknown", b"NF",
)  # fmt: skip
HAPPY = [1, 8, 1, 0, 0, 0, 0, 0, 0, 0]
UNKNOWN = [-1] * 10


def jpeg(seed):
    grain = np.random.default_rng(seed).integers(0, 256, (48, 48), dtype=np.uint8)
    return cv2.imencode(".jpg", grain)[1].ravel()


BLANK = cv2.imencode(".jpg", np.zeros((48, 48), np.uint8))[1].ravel()


def arrays(pictures):
    """Return the file's arrays from (content, label, split, votes)."""
    contents, labels, splits, votes = zip(*pictures, strict=True)
    return {
        "jpeg": np.concatenate(contents),
        "offset": np.cumsum([0, *map(len, contents)]),
        "labels": np.array(labels, np.uint8),
        "split": np.array(splits, np.uint8),
        "ferplus": np.array(votes, np.int8),
        "label_names": np.array(NAMES),
        "ferplus_names": np.array(VOTES),
    }


def write(path, pictures, **changed):
    np.savez(path, **(arrays(pictures) | changed))
    return path


@pytest.fixture
def path(tmp_path):
    return write(
        tmp_path / "fer.npz",
        [
            (jpeg(1), 3, 0, HAPPY),
            (jpeg(2), 6, 1, HAPPY),
            (jpeg(3), 0, 1, UNKNOWN),
            (jpeg(2), 6, 1, HAPPY),  # the same picture again
            (jpeg(1), 3, 1, HAPPY),  # one of the training split
            (BLANK, 2, 1, HAPPY),
            (np.frombuffer(b"no picture", np.uint8), 2, 1, HAPPY),
        ],
    )


def test_only_the_chosen_split_is_read(path):
    assert len(list(read_fer2013(path, Split.TRAIN).faces())) == 1
    assert len(list(read_fer2013(path).faces())) == 6


def labels_of(path, split=Split.PUBLIC):
    faces = read_fer2013(path, split).faces()
    return [None if isinstance(face, UnusablePicture) else dict(face.labels) for face in faces]


def test_the_original_labels_judge_what_can_be_read_and_ferplus_faces_of_their_own(path):
    assert labels_of(path) == [
        {ORIGINAL: "neutral", FERPLUS: "happiness"},
        {ORIGINAL: "angry"},
        {ORIGINAL: "neutral"},
        None,
        {ORIGINAL: "fear"},
        None,
    ]
    *_, last = read_fer2013(path).faces()
    assert last == UnusablePicture(file="fer.npz#6", reason="is no picture, or a damaged one")


def photograph(seed, *, gain=1.0, noise=0, quality=95):
    """Return the JPEG of a smooth picture, always the same but for light, noise and quality."""
    smooth = np.random.default_rng(seed).integers(40, 200, (6, 6)).astype(np.float32)
    image = cv2.resize(smooth, (48, 48), interpolation=cv2.INTER_CUBIC) * gain
    image += np.random.default_rng(99).normal(0, noise, image.shape) if noise else 0
    levels = np.clip(image, 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].ravel()


@pytest.mark.parametrize("split", [Split.PUBLIC, Split.PRIVATE])
def test_what_the_training_split_shows_too_judges_by_neither_kind_of_labels(tmp_path, split):
    number = tuple(Split).index(split)
    path = write(
        tmp_path / "fer.npz",
        [
            (photograph(1), 3, 0, HAPPY),
            (photograph(1), 3, number, HAPPY),
            (photograph(1, gain=0.7, noise=10, quality=50), 6, number, HAPPY),
            (photograph(2), 3, number, HAPPY),
            (BLANK, 3, 0, HAPPY),
            (BLANK, 3, number, HAPPY),
        ],
    )
    found = list(read_fer2013(path, split).faces())
    assert [isinstance(face, UnusablePicture) and face.is_trained_on for face in found] == [
        True, True, False, True,
    ]  # fmt: skip
    assert "is, or nearly is, a picture of the training split" in found[0].reason
    assert labels_of(path, Split.TRAIN)[0] == {ORIGINAL: "happy", FERPLUS: "happiness"}


def test_pictures_left_out_as_trained_on_are_counted_for_every_model_alike(path):
    readers = [GreyReader(name="one"), GreyReader(name="other")]
    evaluation = evaluate_expressions(read_fer2013(path), readers)
    assert (evaluation.faces, evaluation.trained_on, len(evaluation.rejected)) == (4, 1, 2)
    assert [report.annotations[0].three.n for report in evaluation.models] == [4, 4]
    assert evaluation.judged_by == "FER2013 public, without 1 pictures of its training split"


def test_the_whole_picture_is_the_crop(path):
    face = next(read_fer2013(path).faces())
    assert face.is_cropped
    assert face.image.shape == (48, 48, 3)
    assert 30 < face.width_px < 48


@pytest.mark.parametrize(
    ("votes", "expected"),
    [
        (HAPPY, "happiness"),
        ([5, 5, 0, 0, 0, 0, 0, 0, 0, 0], ""),
        ([5, 1, 1, 1, 1, 1, 0, 0, 0, 0], ""),  # a majority where single votes do not count
        ([0, 0, 0, 0, 0, 0, 0, 6, 4, 0], "contempt"),
        ([0, 0, 0, 0, 0, 0, 0, 0, 8, 2], ""),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 10], ""),
        ([7, 0, 0, 0, 0, 0, 0, 0, 0, 3], ""),
        (UNKNOWN, ""),
    ],
)
def test_a_majority_is_more_than_half(votes, expected):
    names = tuple(name.decode() for name in VOTES)
    assert majorities(np.array([votes], np.int8), names) == (expected,)


def test_a_missing_split_names_the_file_and_what_it_has(path):
    with pytest.raises(DataMissing, match=r"fer\.npz has no pictures of the split private; .*tr"):
        read_fer2013(path, Split.PRIVATE)


def test_each_label_of_the_split_has_an_example(path):
    assert read_fer2013(path).label_examples == {
        "neutral": "fer.npz#1",
        "happiness": "fer.npz#1",
        "angry": "fer.npz#2",
        "happy": "fer.npz#4",
        "fear": "fer.npz#5",
    }


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataMissing, match=r"nothing\.npz is not there"):
        read_fer2013(tmp_path / "nothing.npz")


@pytest.mark.parametrize("kept", [0, 10, 400, -100])
def test_a_truncated_file_is_named(path, kept):
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(DataInvalid, match=r"fer\.npz is truncated or no FER2013 file"):
        read_fer2013(path)


def test_an_altered_file_is_named(path):
    content = bytearray(path.read_bytes())
    content[200] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(DataInvalid, match=r"fer\.npz is truncated or no FER2013 file"):
        read_fer2013(path)


def overwritten(member_at, value):
    """Return a change that sets two bytes at a place of every member's entry of the index."""

    def change(content):
        at = content.find(b"PK\x01\x02")
        while at >= 0:
            content[at + member_at : at + member_at + 2] = value.to_bytes(2, "little")
            at = content.find(b"PK\x01\x02", at + 1)

    return change


def begin_with_no_block(content):
    name, extra = (int.from_bytes(content[at : at + 2], "little") for at in (26, 28))
    content[30 + name + extra] = 0xFF


def open_a_bracket(content):
    content[content.find(b")")] = ord("(")


@pytest.mark.parametrize(
    ("save", "change"),
    [
        (np.savez_compressed, begin_with_no_block),  # zlib.error
        (np.savez, overwritten(8, 1)),  # RuntimeError: the flag of encryption
        (np.savez, overwritten(10, 99)),  # NotImplementedError: an unknown compression
        (np.savez, open_a_bracket),  # tokenize.TokenError: an array's heading
    ],
)
def test_bytes_that_are_wrong_are_one_line(tmp_path, save, change):
    path = tmp_path / "fer.npz"
    # Of a file as large as this the checksums are not looked at first.
    save(path, **arrays([(jpeg(seed), 3, 1, HAPPY) for seed in range(8)]))
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)
    with pytest.raises(DataInvalid, match=r"fer\.npz is truncated or no FER2013 file"):
        read_fer2013(path)


def test_pickled_objects_are_refused(tmp_path):
    path = write(tmp_path / "fer.npz", [(jpeg(1), 3, 1, HAPPY)], labels=np.array([{}], object))
    with pytest.raises(DataInvalid, match=r"fer\.npz is truncated or no FER2013 file"):
        read_fer2013(path)


@pytest.mark.parametrize(
    "changed",
    [
        {"offset": np.array([0])},
        {"offset": np.array([0, 10**6])},
        {"split": np.array([1, 1])},
        {"ferplus": np.zeros((1, 3), np.int8)},
        {"labels": np.array([9])},
        {"labels": np.array([-1])},
        {"labels": np.array([3.0], np.float32)},
        {"labels": np.array(["happy"])},
        {"labels": np.array([[3]])},
        {"jpeg": jpeg(1)[None]},
        {"jpeg": jpeg(1).astype(np.uint16) + 200},
        {"label_names": np.array(5)},
        {"split": np.array([7])},
        {"ferplus": np.full((1, 10), 200)},
        {"label_names": np.array([b"a"] * 7)},
    ],
)
def test_arrays_that_do_not_fit_together_are_refused(tmp_path, changed):
    path = write(tmp_path / "fer.npz", [(jpeg(1), 3, 1, HAPPY)], **changed)
    with pytest.raises(DataInvalid, match=r"fer\.npz is no FER2013 file: its arrays do not fit"):
        read_fer2013(path)


def test_another_npz_file_is_told_apart(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, something=np.zeros(3))
    with pytest.raises(DataInvalid, match=r"other\.npz is truncated or no FER2013 file .*jpeg"):
        read_fer2013(path)
