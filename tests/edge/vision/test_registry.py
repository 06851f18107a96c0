"""Which weights are found, trusted and chosen."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import structlog.testing

from contract.manifest import ModelTask
from edge.errors import ModelInvalid, ModelMissing
from edge.vision.folders import NOT_THERE, fetched_folder, folder_problem
from edge.vision.registry import (
    MODELS_VARIABLE,
    Availability,
    ModelRegistry,
    open_registry,
)
from tests.edge.vision.graphs import store
from tests.edge.vision.locked import locked
from tests.edge.vision.manifests import expression_manifest, face_manifest

FACE = ModelTask.FACE_DETECTION


@pytest.fixture
def folders(tmp_path):
    names = ("first", "second")
    for name in names:
        (tmp_path / name).mkdir()
    return tuple(tmp_path / name for name in names)


def registry_of(folders, *manifests):
    return ModelRegistry(manifests=manifests, folders=folders)


def test_the_usable_model_of_highest_preference_is_chosen(folders):
    files = [
        store(folders[0], face_manifest(name=name, preference=preference), name.encode())
        for name, preference in (("plain", 1), ("better", 5), ("good", 3))
    ]
    best = face_manifest(name="best-but-absent", preference=9)
    registry = registry_of(folders, best, *(file.manifest for file in files))
    assert registry.choose(FACE).manifest.name == "better"
    assert registry.choose(FACE, "plain").path == folders[0] / "plain.onnx"


def test_models_of_another_task_are_not_candidates(folders):
    file = store(folders[0], expression_manifest(), b"weights")
    registry = registry_of(folders, file.manifest)
    with pytest.raises(ModelMissing, match="no usable face detection model"):
        registry.choose(FACE)
    with pytest.raises(ModelInvalid, match=r"tiny-expression is for expression, not for face"):
        registry.choose(FACE, "tiny-expression")


def test_an_earlier_folder_goes_before_a_later_one(folders):
    manifest = store(folders[1], face_manifest(), b"weights").manifest
    registry = registry_of(folders, manifest)
    assert registry.choose(FACE).path.parent == folders[1]
    store(folders[0], face_manifest(), b"weights")
    assert registry.choose(FACE).path.parent == folders[0]


@pytest.mark.parametrize("spoilt", [b"", b"weig", b"WEIGHTS"], ids=["empty", "truncated", "other"])
def test_a_damaged_file_is_refused_with_its_path_and_what_to_do(folders, spoilt):
    manifest = store(folders[0], face_manifest(), b"weights").manifest
    path = folders[0] / manifest.file
    path.write_bytes(spoilt)
    registry = registry_of(folders, manifest)
    with pytest.raises(ModelInvalid) as caught:
        registry.choose(FACE, manifest.name)
    text = str(caught.value)
    assert f"{path} ({len(spoilt)} bytes) is truncated or another file" in text
    assert "copy it again" in text
    assert "\n" not in text


def test_a_damaged_file_does_not_hide_an_intact_copy_but_is_reported(folders):
    manifest = store(folders[1], face_manifest(), b"weights").manifest
    (folders[0] / manifest.file).write_bytes(b"weig")
    registry = registry_of(folders, manifest)
    with structlog.testing.capture_logs() as events:
        assert registry.choose(FACE).path.parent == folders[1]
    assert [event["event"] for event in events] == ["model_damaged"]
    status = registry.status(manifest)
    assert status.availability is Availability.USABLE
    assert str(folders[0] / manifest.file) in status.problem


def test_no_usable_model_is_one_line_with_every_reason_and_folder(folders):
    damaged = store(folders[0], face_manifest(name="damaged"), b"weights").manifest
    (folders[0] / damaged.file).write_bytes(b"w")
    registry = registry_of(folders, damaged, face_manifest(name="absent"))
    with structlog.testing.capture_logs() as events, pytest.raises(ModelMissing) as caught:
        registry.choose(FACE)
    assert not events, "one problem, one line"
    text = str(caught.value)
    for part in ("damaged: ", "absent.onnx was not found", *map(str, folders), MODELS_VARIABLE):
        assert part in text
    assert "\n" not in text


def test_an_unknown_name_lists_the_known_ones(folders):
    registry = registry_of(folders, face_manifest(name="b"), face_manifest(name="a"))
    with pytest.raises(ModelMissing, match="no model is called c; known: a, b"):
        registry.choose(FACE, "c")


def test_a_missing_named_model_says_where_was_looked(folders):
    with pytest.raises(ModelMissing, match=r"tiny-yunet.onnx was not found; looked in"):
        registry_of(folders, face_manifest()).choose(FACE, "tiny-yunet")


def test_folders_are_searched_in_the_documented_order(tmp_path):
    given, named = tmp_path / "given", tmp_path / "named"
    folders = open_registry(given, environment={MODELS_VARIABLE: str(named)}).folders
    assert folders[0].parts[-2:] == ("models", "bundled")
    assert folders[1:3] == (given, named)
    assert [folder.parts[-2:] for folder in folders[3:]] == [("shared", "models")]


def test_users_own_folder_is_searched_wherever_models_are_fetched_to():
    for environment, place in (
        ({"HOME": "/home-of-u"}, Path("/home-of-u/.local/share/motcua/models")),
        ({"HOME": "/home-of-u", "XDG_DATA_HOME": "/data"}, Path("/data/motcua/models")),
    ):
        assert fetched_folder(environment) == place
        assert place in open_registry(environment=environment).folders
    named = {"HOME": "/home-of-u", MODELS_VARIABLE: "/named"}
    assert fetched_folder(named) == Path("/named")
    assert fetched_folder({}) is None


def test_manifest_beside_weights_adds_a_model_and_never_replaces_one_of_the_product(folders):
    own = store(folders[0], face_manifest(name="own", preference=7), b"weights").manifest
    (folders[0] / "own.manifest.json").write_bytes(msgspec.json.encode(own))
    pretender = msgspec.structs.replace(own, name="yunet-n")
    (folders[0] / "yunet-n.manifest.json").write_bytes(msgspec.json.encode(pretender))
    (folders[0] / "index.json").write_text("{}")
    registry = open_registry(folders[0], environment={})
    assert registry.choose(FACE, "own").path == folders[0] / "own.onnx"
    assert registry.find("yunet-n").file != own.file


def test_what_is_passed_over_is_kept_and_logged_unless_the_caller_tells_it(folders):
    own = face_manifest(name="own")
    for folder, name in ((folders[0], "own"), (folders[0], "yunet-n"), (folders[1], "own")):
        manifest = msgspec.structs.replace(own, name=name, summary=folder.name)
        (folder / f"{name}.manifest.json").write_bytes(msgspec.json.encode(manifest))
    (folders[1] / "broken.manifest.toml").write_text("name = ")
    environment = {MODELS_VARIABLE: str(folders[1])}
    with structlog.testing.capture_logs() as events:
        registry = open_registry(folders[0], environment=environment)
        assert open_registry(folders[0], environment=environment, quiet=True) == registry
    assert registry.find("own").summary == "first"
    assert [event["problem"] for event in events] == [one.problem for one in registry.passed_over]
    products, broken, second = registry.passed_over
    assert "yunet-n.manifest.json: the name is the product's: yunet-n" in products.problem
    assert f"{folders[1]}/own.manifest.json: another one before it has the name" in second.problem
    assert [one.is_broken for one in (products, broken, second)] == [False, True, False]


def test_equal_manifest_in_a_later_folder_is_no_trouble(folders):
    for folder in folders:
        manifest = msgspec.json.encode(face_manifest(name="own"))
        (folder / "own.manifest.json").write_bytes(manifest)
    environment = {MODELS_VARIABLE: str(folders[1])}
    assert open_registry(folders[0], environment=environment).passed_over == ()


def test_an_unknown_name_tells_of_the_manifest_that_may_have_had_it(folders):
    (folders[0] / "own.manifest.toml").write_text("name = 'own'")
    registry = open_registry(folders[0], environment={}, quiet=True)
    with pytest.raises(ModelMissing, match=r"no model is called own;.*passed over: .*own.manifest"):
        registry.find("own")


def test_folder_that_is_spelt_in_two_ways_is_searched_once(folders):
    again = folders[0] / ".." / folders[0].name
    registry = open_registry(folders[0], environment={MODELS_VARIABLE: str(again)})
    assert folders[0] in registry.folders
    assert again not in registry.folders


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["nothing", "not entered"])
def test_named_folder_that_may_not_be_entered_is_one_line(folders, mode):
    store(folders[0], face_manifest(), b"weights")
    with locked(folders[0], mode) as folder:
        for arguments in ((folder, {}), (None, {MODELS_VARIABLE: str(folder)})):
            with pytest.raises(ModelMissing) as caught:
                open_registry(arguments[0], environment=arguments[1])
            assert f"the folder of models {folder} cannot be read: Permission denied" in str(
                caught.value
            )


def test_users_folder_that_may_not_be_entered_is_as_one_that_is_not_there(tmp_path):
    folder = tmp_path / "motcua" / "models"
    folder.mkdir(parents=True)
    file = store(folder, face_manifest(), b"weights")
    with locked(tmp_path / "motcua"):
        registry = open_registry(environment={"XDG_DATA_HOME": str(tmp_path)})
        assert registry.status(file.manifest).availability is Availability.MISSING
        assert folder_problem(folder) == "Permission denied"


def test_what_keeps_a_folder_from_being_searched_is_said(folders):
    (folders[0] / "file").touch()
    assert folder_problem(folders[0]) == ""
    assert folder_problem(folders[0] / "absent") == NOT_THERE
    assert folder_problem(folders[0] / "file") == "Not a directory"
    assert folder_problem(folders[0] / ("a" * 5000)) == "File name too long"
