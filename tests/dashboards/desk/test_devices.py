"""The devices page: what a device says is wrong, in Vietnamese with the English below it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from contract.readings import ClockTrust, DeviceProblem, ServerState
from contract.texts import Language
from dashboards.api.rest import RestClient
from dashboards.desk.clock import DeskClock
from dashboards.desk.devices import device_row, devices_page
from dashboards.desk.units import units_page
from dashboards.look.texts import speaking
from tests.coroutines import run
from tests.dashboards.examples import device
from tests.dashboards.stand_in import StandInApi

FROZEN = DeviceProblem(
    code="camera_frozen", text_vi="camera lặp lại một hình", text_en="the camera repeats a picture"
)
OWN = DeviceProblem(code="other", text_vi="the fan rattles", text_en="the fan rattles")


def problems_shown(*problems: DeviceProblem) -> str:
    row = device_row(replace(device(1), problems=problems), "Xã")
    assert "note" not in row["problems"]
    return row["problems"].get("text", "")


def test_problems_are_said_in_the_language_of_the_page() -> None:
    assert problems_shown(FROZEN) == FROZEN.text_vi
    with speaking(Language.EN):
        assert problems_shown(OWN, FROZEN) == f"the fan rattles; {FROZEN.text_en}"


def test_no_problems_are_an_empty_cell_that_sorts_last() -> None:
    assert problems_shown() == ""
    assert "sort" not in device_row(device(1), "Xã")["problems"]


def test_what_is_not_known_is_said_and_sorts_last() -> None:
    unknown = replace(device(1), camera=None, outbox_depth=None, last_seen=None, detector=None)
    row = device_row(replace(unknown, people_detector=None), "Xã")
    for column, said in (
        ("camera", "chưa rõ"),
        ("outbox", "chưa rõ"),
        ("models", "chưa rõ"),
        ("last_seen", "chưa từng"),
    ):
        assert row[column]["text"] == said
        assert "sort" not in row[column]


def test_cameras_of_other_releases_are_shown_as_they_say() -> None:
    row = device_row(replace(device(1), camera="upside_down"), "Xã")
    assert row["camera"]["text"] == "upside_down"


@pytest.mark.parametrize("make_page", [devices_page, units_page])
def test_what_is_wrong_with_the_server_stands_above_the_table(make_page, api: StandInApi) -> None:
    alarm = DeviceProblem(code="server_clock_ahead", text_vi="đồng hồ sai", text_en="wrong clock")
    api.health = {"server": ServerState(clock=ClockTrust.SUSPECT, alarms=(alarm,))}

    async def shown() -> str:
        client = RestClient(api.url)
        try:
            page = make_page(client, DeskClock(version="1"))
            return str(await page.layout(page.read("")))
        finally:
            await client.close()

    text = run(shown())
    assert "notice alarm" in text
    assert "đồng hồ sai" in text
