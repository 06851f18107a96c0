"""What the kiosk shows and asks for: the server's `config`, then the device's own settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from contract.messages import Config, KioskOfficer, PhonePage
from edge.settings import KioskSettings
from edge.store.outbox import Outbox
from runtime.weekly_hours import WeeklyHours, parse_weekly_hours

Language: TypeAlias = Literal["vi", "en"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The kiosk's present content; `officers` are those who may sign on, `services` by counter.

    `phone` is the page behind the QR code, None where none is shown.
    """

    language: Language
    reset_s: float
    notice: str | None
    service: str | None
    hours: WeeklyHours | None
    officers: tuple[KioskOfficer, ...]
    services: Mapping[str, str] = field(default_factory=dict)
    phone: PhonePage | None = None

    def service_at(self, counter: str) -> str | None:
        """Return what is served there: a counter of which nothing is said has the device's own."""
        return self.services.get(counter) or self.service

    def officer(self, code: str) -> KioskOfficer | None:
        """Return the officer with that code."""
        return next((one for one in self.officers if one.officer == code), None)


def read_content(outbox: Outbox, settings: KioskSettings) -> Content:
    """Return what the server has sent, and the device's own settings where it has said nothing.

    Hours that cannot be read count as unknown: doubt must rest on something.
    """
    config = outbox.config()
    if config is None:
        return Content(
            language=settings.language,
            reset_s=settings.reset_s,
            notice=None,
            service=settings.service or None,
            hours=_hours(settings.hours),
            officers=(),
        )
    return _merged(config, settings)


def _merged(config: Config, settings: KioskSettings) -> Content:
    return Content(
        language=config.kiosk_language or settings.language,
        reset_s=config.kiosk_reset_s or settings.reset_s,
        notice=config.kiosk_notice,
        service=config.kiosk_service or settings.service or None,
        hours=_hours(config.kiosk_hours or settings.hours),
        officers=config.kiosk_officers,
        services=config.kiosk_services,
        phone=config.phone,
    )


def _hours(text: str) -> WeeklyHours | None:
    try:
        return parse_weekly_hours(text) if text else None
    except ValueError:
        return None
