"""Withdrawing: only a signed index does it, and never takes weights that another model has."""

from __future__ import annotations

import msgspec
import pytest

from models.delivery.errors import NotOffered
from models.delivery.fetch import Outcome
from models.delivery.publish import Weights
from models.delivery.sources import OFFICIAL
from tests.models.delivery.province import left_in

OWN = """
name = "own"
task = "face_detection"
adapter = "yunet"
file = "new-reader.onnx"
input = {colour = "bgr"}
source = {origin = "here", licence = "none", trained_on = "nothing"}
"""
FILES = ["new-reader.manifest.json", "new-reader.onnx"]


@pytest.fixture
def unit(province, server):
    """A unit's folder with the model that its server offers."""
    province.fetch(server.address)
    return province.unit


def renamed(model: Weights, name: str) -> Weights:
    return Weights(manifest=msgspec.structs.replace(model.manifest, name=name), path=model.path)


def test_folder_that_nobody_signed_withdraws_nothing(province, unit, tmp_path):
    other = province.model("known")
    folder = tmp_path / "copied"
    folder.mkdir()
    (folder / "known.onnx").write_bytes(other.path.read_bytes())
    fetcher = province.fetcher(folder, product=[other.manifest])
    assert fetcher.source.names() == ("known",)
    assert fetcher.withdraw() == []
    assert left_in(unit) == FILES


def test_official_addresses_withdraw_nothing(province, unit):
    assert province.fetcher(OFFICIAL).withdraw() == []
    assert left_in(unit) == FILES


def test_folder_without_index_and_known_weights_offers_nothing(province, tmp_path):
    (tmp_path / "empty").mkdir()
    fetcher = province.fetcher(tmp_path / "empty", product=[province.model().manifest])
    with pytest.raises(NotOffered, match=r"empty offers nothing: it has neither an index\.json"):
        fetcher.source.names()


def test_signed_index_without_models_withdraws_all(province, server, unit):
    province.publish()
    (result,) = province.fetcher(server.address).withdraw()
    assert result.outcome is Outcome.WITHDRAWN
    assert left_in(unit) == []


def test_renamed_model_keeps_its_weights(province, server, unit):
    province.publish(renamed(province.model(), "newest"))
    fetcher = province.fetcher(server.address)
    assert fetcher.fetch("newest").outcome is Outcome.ALREADY_HERE
    assert [result.name for result in fetcher.withdraw()] == ["new-reader"]
    assert left_in(unit) == ["new-reader.onnx", "newest.manifest.json"]


def test_weights_that_the_index_names_stay_for_a_model_that_could_not_come_yet(
    province, server, unit
):
    province.publish(renamed(province.model(), "newest"))
    province.fetcher(server.address).withdraw()
    assert left_in(unit) == ["new-reader.onnx"]


def test_weights_that_the_users_own_manifest_names_stay(province, server, unit):
    (unit / "own.manifest.toml").write_text(OWN)
    province.publish()
    province.fetcher(server.address).withdraw()
    assert left_in(unit) == ["new-reader.onnx", "own.manifest.toml"]


def test_unreadable_manifest_is_withdrawn_and_takes_no_weights(province, server, unit):
    (unit / "new-reader.manifest.json").write_text("{")
    province.publish()
    province.fetcher(server.address).withdraw()
    assert left_in(unit) == ["new-reader.onnx"]
