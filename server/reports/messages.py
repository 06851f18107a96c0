"""What a mail with a report says, and when one that failed is sent again. Pure."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

from contract.local_time import LOCAL_TIME
from contract.texts import Language, texts
from runtime.identity import Identity
from server.periods import Period, Step, today
from server.reports.document import Format
from server.reports.settings import ReportSettings

_PAUSES_S = (60, 300, 900, 1800)
_LONGEST_PAUSE_S = 3600
"""A mail server that comes back gets what waits within an hour."""

_TYPES = {
    Format.PDF: ("application", "pdf"),
    Format.XLSX: ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    Format.CSV: ("text", "csv"),
    Format.JSON: ("application", "json"),
}
_NAMESPACE = uuid.UUID("5f1d3c58-6c1e-5a0f-9f0e-2f8f4b0f7a11")


def due_period(settings: ReportSettings, now: datetime) -> Period | None:
    """Return the month whose report is to be sent by now: last month's, from its day and time on.

    Before that None: what was missed stays due until the month ends.
    """
    local = now.astimezone(LOCAL_TIME)
    at = datetime.combine(
        date(local.year, local.month, settings.mail_day), settings.mail_at, LOCAL_TIME
    )
    return Period.of(Step.MONTH, today(now)).previous() if local >= at else None


def message_id(period: Period, address: str, sender: str) -> str:
    """Return the Message-ID of a period's message to an address, always the same."""
    name = uuid.uuid5(_NAMESPACE, f"{period} {address}")
    return f"<report-{period}-{name}@{sender.rpartition('@')[2]}>"


def pause(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts have failed."""
    seconds = _PAUSES_S[attempts - 1] if attempts <= len(_PAUSES_S) else _LONGEST_PAUSE_S
    return timedelta(seconds=seconds)


def compose(
    *,
    sender: str,
    address: str,
    identifier: str,
    at: datetime,
    language: Language,
    title: str,
    period: str,
    cut_off: str,
    digest: str,
    name: str,
    written: Format,
    content: bytes,
) -> EmailMessage:
    """Return the message; made of the same it is the same, byte for byte."""
    said = texts("server.reports", language)
    message = EmailMessage()
    message["Subject"] = said.format("mail.subject", title=title, period=period)
    message["From"] = Identity().sender(sender)
    message["To"] = address
    message["Date"] = format_datetime(at)
    message["Message-ID"] = identifier
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = language
    lines = (
        said["mail.greeting"],
        said.format("mail.body", title=title, period=period, cut_off=cut_off),
        said.format("mail.footer", digest=digest),
    )
    message.set_content("\n\n".join(lines) + "\n")
    main, sub = _TYPES[written]
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    message.set_boundary(f"motcua-{digest[:32]}")
    return message
