"""A scheme's next version on its page: edited as its file, tried, put in force from a day on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dash import html
from dash.development.base_component import Component

from dashboards.api.acts import Outcome, Verdict
from dashboards.api.classes import Scheme
from dashboards.api.rest import RestClient
from dashboards.desk.acts import Field, Given, form
from dashboards.look.texts import tell

RIGHT = "close_periods"
ACT = "scheme_version"
_MODES = ("try", "hold")
_LONGEST_FILE = 60_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemeFile:
    """The file of one version."""

    toml: str


async def try_or_hold(api: RestClient, _: str, given: Given) -> Outcome:
    """Check a version, or put it in force from its first day on."""
    body = {"toml": given["toml"] or ""}
    if given["mode"] == "hold":
        return await api.act("PUT", "/schemes", body=body | {"reason": given["reason"] or ""})
    outcome = await api.act("POST", "/schemes/trial", body=body)
    return replace(outcome, value={**outcome.value, "tried": True})


def told(outcome: Outcome) -> Sequence[Component]:
    """Return what a version would be, or is from its day on."""
    found = outcome.value
    if outcome.verdict is not Verdict.DONE or "version" not in found:
        return ()
    day = "/".join(reversed(str(found["valid_from"]).split("-")))
    criteria = len(found["criteria"])
    said = (
        tell("schemes.fits", version=found["version"], day=day, criteria=criteria)
        if is_tried(outcome)
        else tell("schemes.will_hold", version=found["version"], day=day)
    )
    return [html.P(said, className="notice calm")]


def is_tried(outcome: Outcome) -> bool:
    """Return whether a version was only tried, so that the form stays as it is."""
    return "tried" in outcome.value


async def editing(api: RestClient, scheme: Scheme) -> list[Component]:
    """Return the form that begins with the file of `scheme`."""
    answer = await api.read(f"/schemes/{scheme.id}/{scheme.version}", SchemeFile)
    if answer.value is None:
        return []
    fields = (
        Field(
            name="toml",
            label=tell("schemes.field.toml"),
            value=answer.value.toml,
            long=True,
            most=_LONGEST_FILE,
            note=tell("schemes.field.toml_note"),
        ),
        Field(
            name="mode",
            label=tell("schemes.field.mode"),
            value=_MODES[0],
            choices=[
                ("try", tell("schemes.modes.try")),
                ("hold", tell("schemes.modes.hold")),
            ],
        ),
        Field(
            name="reason",
            label=tell("schemes.field.reason"),
            note=tell("schemes.field.reason_note"),
            most=2000,
        ),
    )
    subject = f"{scheme.id}:{scheme.version}"
    return [
        html.Details(
            [
                html.Summary(tell("schemes.next")),
                html.Div(form(ACT, subject, fields), className="editing"),
            ],
            className="filing",
        )
    ]
