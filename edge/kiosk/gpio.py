"""Push buttons and lamps at the header of a Raspberry Pi: a press is the same event as a tap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial

import structlog

from contract.identifiers import new_id
from contract.messages import PromptOpener, RatingSource
from edge.errors import StoreError
from edge.kiosk.presentation import Presentation
from edge.kiosk.ratings import Tap
from edge.settings import GpioSettings
from runtime.errors import SettingInvalid

BOUNCE_S = 0.05
"""Contacts of cheap buttons bounce for some milliseconds."""

IGNORE_S = 1.0
"""After a press, so that an impatient finger counts once."""

LIT_S = 3.0
"""How long the lamp of the button that was pressed thanks."""

log = structlog.get_logger()


@contextmanager
def buttons(settings: GpioSettings, shown: Presentation) -> Iterator[None]:
    """Let the buttons rate and ask while the context lasts; nothing where none are configured.

    Raises SettingInvalid where gpiozero or the pins cannot be used.
    """
    if not settings.rating_pins and settings.officer_pin is None:
        yield
        return
    try:
        import gpiozero
    except ImportError as error:
        raise SettingInvalid(
            "[gpio] names pins, but gpiozero is not installed: apt install python3-gpiozero "
            "python3-lgpio, or pip install motcua[gpio]"
        ) from error
    panel = _Panel(settings, shown)
    with ExitStack() as stack:
        try:
            for score, pin in enumerate(settings.rating_pins, 1):
                button = stack.enter_context(gpiozero.Button(pin, bounce_time=BOUNCE_S))
                button.when_pressed = partial(panel.rate, score)
            for score, pin in enumerate(settings.lamp_pins, 1):
                lamp = stack.enter_context(gpiozero.LED(pin))
                panel.lamps[score] = partial(
                    lamp.blink, on_time=LIT_S, off_time=0, n=1, background=True
                )
            if settings.officer_pin is not None:
                button = stack.enter_context(
                    gpiozero.Button(settings.officer_pin, bounce_time=BOUNCE_S)
                )
                button.when_pressed = panel.ask
        except gpiozero.GPIOZeroError as error:
            raise SettingInvalid(f"[gpio]: {error}; check the pins' numbers (BCM)") from error
        log.info("buttons_ready", pins=settings.rating_pins, officer_pin=settings.officer_pin)
        yield


class _Panel:
    """What presses do; gpiozero calls it from its own threads."""

    def __init__(self, settings: GpioSettings, shown: Presentation) -> None:
        self._counter = settings.counter
        self._shown = shown
        self._lock = threading.Lock()
        self._pressed_s = float("-inf")
        self.lamps: dict[int, Callable[[], None]] = {}

    def rate(self, score: int) -> None:
        """Store a rating, and light the lamp once it is on disk."""
        with self._lock:
            now_s = time.monotonic()
            if now_s - self._pressed_s < IGNORE_S:
                return
            self._pressed_s = now_s
            now = datetime.now(UTC)
            tap = Tap(
                id=new_id(now), score=score, counter=self._counter, source=RatingSource.BUTTON
            )
            try:
                self._shown.ratings.rate(tap, now=now)
            except StoreError:
                return  # logged and reported by the service; no lamp thanks for it
            place = self._counter or self._shown.book.counter
            self._shown.pressed[place] = (tap.id, score, now)
        if score in self.lamps:
            self.lamps[score]()

    def ask(self) -> None:
        """Ask the citizen for a rating, as the officer wishes."""
        try:
            self._shown.ask(self._counter, PromptOpener.OFFICER, now=datetime.now(UTC))
        except StoreError as error:
            log.warning("request_not_stored", error=str(error))
