"""The devices page: which devices are heard, what their cameras do, what waits in outboxes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from contract.problems import hear
from contract.readings import DeviceReading
from dashboards import formats, words
from dashboards.collation import fold, sort_key
from dashboards.feed import View
from dashboards.screens import Rendered
from dashboards.tables import TableCell, TableRow, render_table
from dashboards.words import Words


class DevicesTable:
    """Renders every device: whether it is heard, what its camera does, what waits in its outbox."""

    def render(self, view: View | None) -> Rendered:
        """Return the head as frame and one part for each device."""
        devices = view.snapshot.devices if view else ()
        names = {unit.unit: unit.name_vi for unit in view.snapshot.units} if view else {}
        rows = {
            f"{device.unit}/{device.counter}/{device.device}": TableRow(
                search=_searched(device, names.get(device.unit, "")),
                cells=tuple(_device_cells(device, names.get(device.unit, device.unit))),
            )
            for device in devices
        }
        return render_table("devices", words.DEVICE_COLUMNS, rows, _summary())


def _summary() -> Component:
    """Return the line where browsers count how many of all devices are not heard."""
    return html.P(
        [
            html.B([html.Span(className="count-offline"), " / ", html.Span(className="count")]),
            html.Span(words.OFFLINE.vi.lower()),
            html.Span(words.OFFLINE.en, className="en"),
        ],
        className="key",
    )


def _searched(device: DeviceReading, unit_name: str) -> str:
    return fold(f"{unit_name} {device.unit} {device.counter} {device.device}")


def _device_cells(device: DeviceReading, unit_name: str) -> Iterator[TableCell]:
    mark = "simulated" if device.simulated else ""
    yield TableCell(
        text=unit_name, note=device.counter, sort="\0".join(sort_key(unit_name)), state=mark
    )
    yield TableCell(text=device.device, note=device.software, sort=device.device)
    link = words.ONLINE if device.online else words.OFFLINE
    state = "online" if device.online else "offline"
    yield TableCell(text=link.vi, note=link.en, sort=float(device.online), state=state)
    yield _last_seen(device.last_seen)
    yield _camera(device)
    depth = device.outbox_depth
    yield TableCell(
        text=words.UNKNOWN.vi if depth is None else formats.number(depth),
        sort=None if depth is None else float(depth),
    )
    yield _models(device)
    yield _problems(device.problems)


def _camera(device: DeviceReading) -> TableCell:
    if device.camera is None:
        return TableCell(text=words.UNKNOWN.vi, note=words.UNKNOWN.en, state="withheld")
    said = words.CAMERAS.get(device.camera, Words(vi=device.camera, en=""))
    rate = "" if device.fps is None else f"{formats.number(device.fps, 1)} fps"
    note = " · ".join(text for text in (said.en, rate) if text)
    return TableCell(text=said.vi, note=note, sort=said.vi)


def _models(device: DeviceReading) -> TableCell:
    used = (device.detector, device.people_detector, device.expression_model)
    models = " · ".join(name for name in used if name)
    if not models:
        return TableCell(text=words.UNKNOWN.vi, note=words.UNKNOWN.en, state="withheld")
    return TableCell(text=models, sort=models)


def _problems(sentences: tuple[str, ...]) -> TableCell:
    known = [said for said in sentences if hear(said)]
    return TableCell(
        text="; ".join(map(_in_vietnamese, sentences)),
        note="; ".join(known),
        sort=float(-len(sentences)),
        state="problem",
    )


def _in_vietnamese(said: str) -> str:
    """Return a unit's sentence or figure in Vietnamese; one that is unknown stays as it came."""
    heard = hear(said)
    if heard is None:
        return words.PROCESSES.get(said, said)
    problem, figures = heard
    return words.PROBLEMS[problem].format(
        **{name: _in_vietnamese(figure) for name, figure in figures.items()}
    )


def _last_seen(at: datetime | None) -> TableCell:
    if at is None:
        return TableCell(text=words.NEVER.vi, note=words.NEVER.en, state="withheld")
    stamp = formats.epoch_ms(at)
    return TableCell(text="", note=formats.date_time(at), sort=float(-stamp), age_of_ms=stamp)
