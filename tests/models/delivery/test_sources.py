"""From a word of the user's to a place: what is no place is told in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.delivery.errors import DeliveryError, NotOffered, SourceAway

NOBODY = 65534


@pytest.fixture
def closed(tmp_path: Path) -> Iterator[Path]:
    """A folder below one that this test, which is not root meanwhile, may not enter."""
    above = tmp_path / "closed"
    folder = above / "stick"
    folder.mkdir(parents=True)
    above.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    yield folder
    os.seteuid(user)
    above.chmod(0o700)


@pytest.mark.parametrize("place", ["", " "])
def test_no_place_is_not_the_current_folder(province, place):
    with pytest.raises(NotOffered, match="--from names no place"):
        province.fetcher(place)


def test_what_is_no_folder_says_so(province, tmp_path):
    with pytest.raises(NotOffered, match="is neither a folder nor an address"):
        province.fetcher(tmp_path / "nowhere")


def test_folder_that_may_not_be_entered_is_one_line(province, closed):
    with pytest.raises(SourceAway, match="stick cannot be read: Permission denied; let this user"):
        province.fetcher(closed)


def test_name_that_no_disk_has_is_one_line(province, tmp_path):
    with pytest.raises(DeliveryError) as caught:
        province.fetcher(tmp_path / ("x" * 300))
    assert "\n" not in str(caught.value)
