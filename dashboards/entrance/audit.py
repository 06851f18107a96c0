"""The audit log as a page: who did and saw what, the newest first, in one language at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from contract.access import AuditRow
from contract.texts import Language, texts
from dashboards.api.entrance import EntranceClient
from dashboards.entrance import pages
from dashboards.entrance.speaking import language_of
from dashboards.errors import ApiRefused, DashboardsError
from dashboards.look import formats
from runtime.root_path import below_root

AUDIT = "/audit"
_ROWS = 100
_FILTERS = ("actor", "subject")
_COLUMNS = ("at", "actor", "action", "subject", "address", "details")


async def show_audit(entrance: EntranceClient, request: Request) -> Response:
    """Return the page for the filters in its address."""
    language = language_of(request)
    given = {
        name: request.query_params[name][:200]
        for name in (*_FILTERS, "before")
        if request.query_params.get(name)
    }
    try:
        rows = await entrance.audit({**given, "limit": str(_ROWS)})
    except ApiRefused:
        return pages.notice("form_old", language, status=422, onward=AUDIT)
    except DashboardsError:
        return pages.notice("away", language, status=503, onward=AUDIT)
    return render(language, rows, given)


def render(language: Language, rows: Sequence[AuditRow], given: Mapping[str, str]) -> HTMLResponse:
    """Return the page of these rows; a full one has a link to older ones."""
    body = _way_back(language) + _filters(language, given) + _table(language, rows)
    if len(rows) == _ROWS:
        older = urlencode({**given, "before": rows[-1].id})
        body += f'<p><a href="?{escape(older)}">{pages.say("audit_older", language)}</a></p>'
    return pages.page("audit", language, body, width="wide")


def _way_back(language: Language) -> str:
    """Return the link to the other pages, which stand in the menu of each of them."""
    title = texts("dashboards", language)["page.chairman"]
    said = pages.say("to_page", language, page=title)
    return f'<p><a href="{escape(below_root("/chairman"))}">{said}</a></p>'


def _filters(language: Language, given: Mapping[str, str]) -> str:
    fields = "".join(
        f"<label>{pages.say(f'audit_columns.{name}', language)}"
        f'<input name="{name}" value="{escape(given.get(name, ""))}" maxlength="200"></label>'
        for name in _FILTERS
    )
    button = f'<button type="submit">{pages.say("audit_find", language)}</button>'
    return f'<form class="filters" method="get">{fields}{button}</form>'


def _table(language: Language, rows: Sequence[AuditRow]) -> str:
    heads = "".join(f"<th>{pages.say(f'audit_columns.{name}', language)}</th>" for name in _COLUMNS)
    lines = "".join(_row(language, row) for row in rows)
    empty = "" if rows else f"<p>{pages.say('audit_empty', language)}</p>"
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>{empty}"


def _row(language: Language, row: AuditRow) -> str:
    known = texts("dashboards", language).below("audit")
    details = "; ".join(f"{name}: {_plain(value)}" for name, value in row.details.items() if value)
    cells = (
        formats.date_time(row.at),
        texts("dashboards", language)["entrance.audit_nobody"]
        if row.kind == "anyone"
        else row.actor,
        known.get(row.action, row.action),
        row.subject,
        row.address,
        details,
    )
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
