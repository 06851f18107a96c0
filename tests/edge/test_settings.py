"""The unit's settings: file, environment, and what is refused."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from edge.analytics.zones import ZoneKind
from edge.sections import CameraSettings, ZoneSettings
from edge.settings import EdgeSettings, read_settings
from runtime.errors import SettingInvalid

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "edge.toml.example"


@pytest.fixture
def write(tmp_path):
    def write_toml(text):
        path = tmp_path / "edge.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_toml


def test_without_a_file_everything_has_a_default():
    settings = read_settings()
    assert settings.camera.source == "bundled"
    assert {zone.kind for zone in settings.zones} == set(ZoneKind)
    assert [zone.name for zone in settings.mask_zones()] == ["officer-side"]
    assert str(settings.device.address.topic("visit")).endswith("local/counter-1/edge-1/visit")


def test_the_example_states_every_setting_with_its_default():
    assert read_settings(EXAMPLE) == read_settings()
    document = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    shown = {
        section: sorted(value if isinstance(value, dict) else {key for one in value for key in one})
        for section, value in document.items()
    }
    lists = {"zones": ZoneSettings, "cameras": CameraSettings}
    known = {
        name: sorted(lists.get(name, type(value)).model_fields) for name, value in read_settings()
    }
    optional = {
        "zones": {"counter", "camera"},
        "gpio": {"officer_pin", "counter"},
    }  # without a default that could be stated
    assert {name: sorted({*keys} | optional.get(name, set())) for name, keys in shown.items()} == {
        name: keys for name, keys in known.items() if name != "cameras"
    }


def test_every_setting_but_a_zone_s_says_what_it_is_for():
    bare = [
        f"{section}.{key}"
        for section, value in read_settings()
        if section not in {"zones", "cameras"}
        for key, field in type(value).model_fields.items()
        if not field.description
    ]
    assert bare == []


def test_the_environment_overrides_the_file(write, monkeypatch):
    path = write('[camera]\nsource = "clip.mp4"\nfps = 5\n')
    monkeypatch.setenv("MOTCUA_EDGE__CAMERA__SOURCE", "0")
    settings = read_settings(path)
    assert (settings.camera.source, settings.camera.fps) == ("0", 5)


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({}, "mqtt://file:1"),
        ({"MOTCUA_BROKER_URL": "mqtt://short:2"}, "mqtt://short:2"),
        (
            {
                "MOTCUA_BROKER_URL": "mqtt://short:2",
                "MOTCUA_EDGE__BROKER__URL": "mqtt://exact:3",
            },
            "mqtt://exact:3",
        ),
    ],
)
def test_the_broker_has_a_variable_of_its_own(write, monkeypatch, environment, url):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert read_settings(write('[broker]\nurl = "mqtt://file:1"\n')).broker.url == url


def test_zones_can_come_from_the_environment(monkeypatch):
    monkeypatch.setenv(
        "MOTCUA_EDGE__ZONES", '[{"name":"a","kind":"waiting","polygon":[[0,0],[1,0],[1,1]]}]'
    )
    assert [zone.kind for zone in read_settings().zones] == [ZoneKind.WAITING]


def test_a_device_number_may_be_written_as_a_number(write):
    assert read_settings(write("[camera]\nsource = 1\n")).camera.source == "1"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('[camera]\nsorce = "0"\n', ["edge.toml", "camera.sorce", "unknown key", "source, fps"]),
        ("[camra]\nfps = 5\n", ["edge.toml", "camra", "unknown key", "camera"]),
        ("[camera]\nfps = 0\n", ["edge.toml", "camera.fps", "greater than 0"]),
        ('[device]\nunit = "Phường 1"\n', ["edge.toml", "device.unit"]),
        ('[broker]\nurl = "http://x"\n', ["edge.toml", "broker.url"]),
        (
            '[[zones]]\nname = "a"\nkind = "service"\npolygon = [[0,0],[1,1],[0.5,0.5]]\n',
            ["edge.toml", "zones.0.polygon", "no area"],
        ),
        (
            '[[zones]]\nname = "a"\nkind = "servce"\npolygon = [[0,0],[1,0],[1,1]]\n',
            ["edge.toml", "zones.0.kind", "'service', 'waiting' or 'mask'"],
        ),
        (
            '[[zones]]\nname = "a"\nkin = "mask"\npolygon = [[0,0],[1,0],[1,1]]\n',
            ["zones.0.k", "(and 1 more)"],
        ),
        ("[camera\n", ["edge.toml", "not TOML"]),
    ],
)
def test_what_is_wrong_is_named_in_one_line(write, text, parts):
    with pytest.raises(SettingInvalid) as caught:
        read_settings(write(text))
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    ("variable", "parts"),
    [
        ("MOTCUA_EDGE__CAMERA__SORCE", ["environment MOTCUA_EDGE__CAMERA__SORCE", "unknown key"]),
        ("MOTCUA_EDGE__CAMRA__SOURCE", ["environment MOTCUA_EDGE__CAMRA__SOURCE", "section"]),
        ("MOTCUA_BROKER_URL", ["environment MOTCUA_BROKER_URL", "mqtts?://"]),
        ("MOTCUA_EDGE__CAMERA", ["environment MOTCUA_EDGE__CAMERA", "camera"]),
    ],
)
def test_a_wrong_variable_is_named(monkeypatch, variable, parts):
    monkeypatch.setenv(variable, "0")
    with pytest.raises(SettingInvalid) as caught:
        read_settings()
    for part in parts:
        assert part in str(caught.value)


@pytest.mark.parametrize("section", ["CAMERA", "ZONES"])
def test_a_section_that_is_no_json_is_named(monkeypatch, section):
    monkeypatch.setenv(f"MOTCUA_EDGE__{section}", "/dev/video0")
    with pytest.raises(SettingInvalid, match=rf"environment MOTCUA_EDGE__{section}: .*JSON"):
        read_settings()


def test_a_file_in_another_encoding_says_which_one_it_needs(tmp_path):
    path = tmp_path / "edge.toml"
    path.write_bytes('[device]\nunit = "Phường"\n'.encode("utf-16"))
    with pytest.raises(SettingInvalid, match=r"edge\.toml.*save it as UTF-8"):
        read_settings(path)


def test_a_missing_file_names_itself_and_an_example(tmp_path):
    with pytest.raises(SettingInvalid, match=r"absent\.toml.*edge\.toml\.example"):
        read_settings(tmp_path / "absent.toml")


def test_the_command_line_changes_only_what_it_names():
    settings = read_settings()
    assert settings.with_camera() == settings
    changed = settings.with_camera(source="clip.mp4", loop=False).with_detector("yolox-nano")
    assert isinstance(changed, EdgeSettings)
    assert (changed.camera.source, changed.camera.loop) == ("clip.mp4", False)
    assert changed.camera.fps == settings.camera.fps
    assert changed.vision.detector == "yolox-nano"
