"""`motcua models fetch` and `publish` as their users call them."""

from __future__ import annotations

import msgspec
import pytest
from click.testing import Result

from edge.vision import registry
from edge.vision.folders import MODELS_VARIABLE
from models.delivery.commands import FROM_VARIABLE
from models.delivery.publish import Weights
from models.delivery.signature import KEY_VARIABLE
from tests import commands
from tests.models.delivery.province import left_in


def call(*arguments: object, **environment: str) -> Result:
    return commands.call("models", *arguments, env=environment)


def said_in_one_line(result: Result) -> str:
    assert result.exit_code == 1, result.output
    assert result.output.count("\n") == 1, result.output
    return result.output


@pytest.fixture(autouse=True)
def product(tmp_path, monkeypatch):
    """A release that knows no model, and a user without any."""
    monkeypatch.setattr(registry, "_MANIFESTS", tmp_path / "no-manifests")
    monkeypatch.setattr(registry, "_BUNDLED", tmp_path / "no-weights")
    monkeypatch.setattr(registry, "_ROOT", tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv(MODELS_VARIABLE, raising=False)
    return tmp_path


@pytest.fixture
def unit(province, server):
    """The environment of a counter unit, as hardware/ gives it."""
    return {
        FROM_VARIABLE: server.address,
        KEY_VARIABLE: province.public_key,
        MODELS_VARIABLE: str(province.unit),
    }


def test_unit_fetches_all_from_its_server_and_says_so(province, unit):
    result = call("fetch", "--all", **unit)
    assert result.exit_code == 0, result.output
    assert result.output == f"new-reader: fetched, {province.unit}/new-reader.onnx\n"
    assert "new-reader" in call("list", **unit).output


def test_second_fetch_says_that_all_is_here(unit):
    call("fetch", "--all", **unit)
    assert "new-reader: already here" in call("fetch", "--all", **unit).output


def test_without_any_setting_models_go_to_the_users_own_folder(province, server, product):
    result = call("fetch", "new-reader", "--from", server.address, "--key", province.public_key)
    path = product / "home" / "motcua" / "models" / "new-reader.onnx"
    assert result.output == f"new-reader: fetched, {path}\n"
    assert path.is_file()
    assert str(path) in call("list").output


def test_address_may_name_the_index_itself(province, server):
    place = f"{server.address}/index.json"
    result = call("fetch", "new-reader", "--from", place, "--key", province.public_key)
    assert result.exit_code == 0, result.output


def test_withdrawn_models_are_removed_with_all(province, unit):
    call("fetch", "--all", **unit)
    province.publish(province.model("newest"))
    result = call("fetch", "--all", **unit)
    assert "newest: fetched" in result.output
    assert "new-reader: withdrawn by its server and removed" in result.output


def test_model_that_this_release_cannot_use_is_passed_over(province, unit):
    province.publish(province.model("later", adapter="of-next-year"), province.model())
    result = call("fetch", "--all", **unit)
    assert result.exit_code == 0
    assert "later: passed over: later was not kept: " in result.output
    assert "new-reader: fetched" in result.output


def test_damaged_model_does_not_keep_back_the_others_but_fails(province, unit):
    province.publish(province.model("bad"), province.model("good"))
    (province.mirror / "bad.onnx").write_bytes(b"short")
    result = call("fetch", "--all", **unit)
    assert result.exit_code == 1
    assert "good: fetched" in result.output
    assert "bad.onnx has 5 bytes instead of" in result.output


def test_one_of_several_names_that_fails_does_not_keep_back_the_others(province, unit):
    province.publish(province.model("bad"), province.model("good"))
    (province.mirror / "bad.onnx").write_bytes(b"short")
    result = call("fetch", "nobody's", "bad", "good", **unit)
    assert result.exit_code == 1
    assert "Error: " in result.output
    assert "does not offer nobody's" in result.output
    assert "bad.onnx has 5 bytes instead of" in result.output
    assert f"good: fetched, {province.unit}/good.onnx\n" in result.output


def test_folder_without_index_or_known_weights_removes_nothing(unit, tmp_path):
    call("fetch", "--all", **unit)
    (tmp_path / "empty").mkdir()
    place = {**unit, FROM_VARIABLE: str(tmp_path / "empty")}
    assert "empty offers nothing" in said_in_one_line(call("fetch", "--all", **place))
    assert "new-reader: already here" in call("fetch", "--all", **unit).output


def test_empty_place_is_one_line(unit):
    assert "--from names no place" in said_in_one_line(call("fetch", "--all", "--from", "", **unit))


def test_renamed_model_can_be_used_after_the_fetch(province, unit):
    call("fetch", "--all", **unit)
    model = province.model()
    renamed = msgspec.structs.replace(model.manifest, name="province-v2")
    province.publish(Weights(manifest=renamed, path=model.path))
    result = call("fetch", "--all", **unit)
    assert "new-reader: withdrawn by its server and removed" in result.output
    (line,) = [line for line in call("list", **unit).output.splitlines() if "province-v2" in line]
    assert f"usable   {province.unit}/new-reader.onnx" in line


def test_wrong_key_is_one_line(unit):
    assert "is no public key" in said_in_one_line(
        call("fetch", "--all", **{**unit, KEY_VARIABLE: "wrong"})
    )


def test_fetch_without_names_or_mirror_says_what_is_missing():
    assert "name the models to fetch, or say --all" in call("fetch").output
    assert "--all needs a mirror" in call("fetch", "--all").output


def test_unknown_name_is_one_line():
    assert "this release knows no model called x" in said_in_one_line(call("fetch", "x"))


def test_user_without_a_home_is_asked_for_a_folder(unit):
    nobody = {**unit, MODELS_VARIABLE: "", "XDG_DATA_HOME": "", "HOME": ""}
    assert "name one with --models" in said_in_one_line(call("fetch", "--all", **nobody))


def test_published_folder_is_what_units_fetch_from(province, tmp_path):
    model = province.model()
    own = model.path.with_name("new-reader.manifest.json")
    own.write_bytes(msgspec.json.encode(model.manifest))
    stick, key = tmp_path / "stick", tmp_path / "signing.key"
    published = call("publish", stick, "--key", key, "--models", province.weights)
    assert published.exit_code == 0, published.output
    public = (tmp_path / "signing.key.pub").read_text().strip()
    assert f"{KEY_VARIABLE}={public}" in published.output
    fetched = call(
        "fetch", "new-reader", "--from", stick, "--key", public, "--models", province.unit
    )
    assert fetched.output == f"new-reader: fetched, {province.unit}/new-reader.onnx\n"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "my model"),
        ("name", "mô-hình"),
        ("file", "weights v2.onnx"),
        ("file", "-x.onnx"),
        ("file", "../esc.onnx"),
        ("file", "index.json"),
        ("file", "sub/x.onnx"),
    ],
)
def test_own_manifest_that_units_would_refuse_is_named_and_not_published(
    province, server, tmp_path, field, value
):
    model = province.model()
    bad = msgspec.structs.replace(model.manifest, **{field: value})
    own = province.weights / "own.manifest.json"
    own.write_bytes(msgspec.json.encode(bad))
    weights = province.weights / bad.file
    weights.parent.mkdir(exist_ok=True)
    weights.write_bytes(model.path.read_bytes())
    before = (province.mirror / "index.json").read_bytes()
    said = said_in_one_line(
        call(
            "publish",
            province.mirror,
            "--key",
            tmp_path / "models.key",
            "--models",
            province.weights,
        )
    )
    assert str(own) in said
    assert f"`$.{field}`" in said
    assert (province.mirror / "index.json").read_bytes() == before
    assert left_in(province.mirror) == ["index.json", "new-reader.onnx"]


def test_nothing_to_publish_gives_an_empty_index(tmp_path):
    result = call("publish", tmp_path / "mirror", "--key", tmp_path / "k")
    assert result.exit_code == 0, result.output
    assert "0 models, signed" in result.output
