"""The devices page: which devices are heard, what their cameras do, what waits in outboxes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from contract.readings import DeviceProblem, DeviceReading
from dashboards.api.rest import RestClient
from dashboards.desk.clock import DeskClock
from dashboards.desk.grids import FIRST, Cell, Column, Row, cell, row, sort_text
from dashboards.desk.pages import Page, Values
from dashboards.desk.tables import Table, TablePage
from dashboards.look import formats
from dashboards.look.texts import Bilingual, name_of, say, say_if_known, tell

_COLUMNS = (
    Column(id=FIRST, name=say("column.unit"), width_px=270),
    Column(id="device", name=say("column.device"), width_px=150),
    Column(id="connection", name=say("column.connection"), width_px=130),
    Column(id="last_seen", name=say("column.last_seen"), width_px=190, numeric=True),
    Column(id="camera", name=say("column.camera"), width_px=150),
    Column(id="outbox", name=say("column.outbox"), width_px=110, numeric=True),
    Column(id="models", name=say("column.models"), width_px=220, wraps=True),
    Column(id="problems", name=say("column.problems"), width_px=420, wraps=True),
)


def devices_page(api: RestClient, clock: DeskClock) -> Page:
    """Return the page."""

    async def read(_: Values) -> Table:
        answer = await api.devices()
        units = await api.units()
        devices = answer.value or ()
        names = {unit.id: name_of(unit).text for unit in units.value or ()}
        return Table(
            columns=_COLUMNS,
            rows=[device_row(device, names.get(device.unit, device.unit)) for device in devices],
            computed_at=answer.at,
            error=answer.error or units.error,
            alarms=await api.alarms(),
            extras={"devices-key": _summary(devices)},
        )

    return TablePage(
        name="devices",
        parameters=(),
        read=read,
        above=lambda table: (
            html.P(table.extras["devices-key"], id="devices-key", className="key"),
        ),
        extras={"devices-key": "children"},
        clock=clock,
        right="read_devices",
    ).page()


def _summary(devices: Sequence[DeviceReading]) -> list[Component]:
    """Return how many of all devices are not heard."""
    away = sum(not device.online for device in devices)
    return [
        html.B(f"{formats.number(away)} / {formats.number(len(devices))}"),
        html.Span(tell("device.offline_count")),
    ]


def device_row(device: DeviceReading, unit_name: str) -> Row:
    """Return a device's row."""
    return row(
        f"{device.unit}/{device.counter}/{device.device}",
        f"{unit_name} {device.unit} {device.counter} {device.device}",
        dict(zip((column.id for column in _COLUMNS), _cells(device, unit_name), strict=True)),
    )


def _cells(device: DeviceReading, unit_name: str) -> Iterator[Cell]:
    mark = tell("wall.simulated") if device.simulated else ""
    yield cell(unit_name, note=device.counter, sort=sort_text(unit_name), mark=mark)
    yield cell(device.device, note=device.software, sort=device.device)
    link = "online" if device.online else "offline"
    yield cell(tell(f"device.{link}"), sort=float(device.online), state=link)
    yield _last_seen(device.last_seen)
    yield _camera(device)
    depth = device.outbox_depth
    if depth is None:
        yield _unknown()
    else:
        yield cell(formats.number(depth), sort=float(depth), figure=float(depth))
    used = (device.detector, device.people_detector, device.expression_model)
    models = " · ".join(name for name in used if name)
    yield cell(models, sort=models) if models else _unknown()
    yield _problems(device.problems)


def _unknown() -> Cell:
    return cell(tell("device.unknown"), state="withheld")


def _last_seen(at: datetime | None) -> Cell:
    if at is None:
        return cell(tell("device.never"), state="withheld")
    stamp = formats.epoch_ms(at)
    return cell("", note=formats.date_time(at), sort=float(-stamp), observed_ms=stamp)


def _camera(device: DeviceReading) -> Cell:
    if device.camera is None:
        return _unknown()
    said = say_if_known(f"camera.{device.camera}", device.camera)
    rate = "" if device.fps is None else f"{formats.number(device.fps, 1)} fps"
    return cell(said.text, note=rate, sort=said.text)


def _problems(problems: Sequence[DeviceProblem]) -> Cell:
    """Return what is wrong."""
    told = "; ".join(Bilingual(vi=each.text_vi, en=each.text_en).text for each in problems)
    count = float(-len(problems))
    return cell(told, sort=count if problems else None, state="problem")
