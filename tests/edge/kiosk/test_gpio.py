"""Buttons and lamps, with the pins that gpiozero provides for tests."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import gpiozero
import pytest
from gpiozero.pins.mock import MockFactory

from contract.codec import decode
from contract.messages import PromptOpener, Rating, RatingSource
from edge.kiosk.app import make_presentation
from edge.kiosk.gpio import buttons
from edge.kiosk.presentation import Presentation
from edge.sections import GpioSettings, KioskSettings
from edge.store.outbox import Outbox
from runtime.errors import SettingInvalid
from tests.waiting import eventually

PINS = GpioSettings(rating_pins=(5, 6, 13, 19, 26), lamp_pins=(12, 16, 20, 21, 25), officer_pin=17)


@pytest.fixture
def factory() -> Iterator[MockFactory]:
    before = gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory = MockFactory()
    yield gpiozero.Device.pin_factory
    gpiozero.Device.pin_factory.reset()
    gpiozero.Device.pin_factory = before


@pytest.fixture
def shown(tmp_path: Path) -> Iterator[Presentation]:
    with Outbox.open(tmp_path / "edge.sqlite3", max_rows=1000, reserve_mb=0) as outbox:
        yield make_presentation(outbox, device="edge-1", settings=KioskSettings())


def press(factory: MockFactory, pin: int) -> None:
    factory.pin(pin).drive_low()
    factory.pin(pin).drive_high()


def ratings(shown: Presentation) -> list[Rating]:
    messages = [decode(row.stream, row.payload) for row in shown.outbox.waiting(100)]
    return [message for message in messages if isinstance(message, Rating)]


def test_a_press_is_a_tap_and_its_lamp_thanks(factory, shown):
    with buttons(PINS, shown):
        press(factory, 19)
        press(factory, 19)  # an impatient finger
        press(factory, 5)
        rating = eventually(lambda: ratings(shown), 5)[0]
        eventually(lambda: factory.pin(21).state, 5, what="the lamp")
    assert [(one.score, one.source) for one in ratings(shown)] == [(4, RatingSource.BUTTON)]
    state = shown.state(now=datetime.now(UTC))
    assert state.pressed == rating.id


def test_the_officers_button_asks(factory, shown):
    with buttons(PINS, shown):
        press(factory, 17)
        prompt = eventually(lambda: shown.state(now=datetime.now(UTC)).prompt, 5)
        assert prompt.opened_by is PromptOpener.OFFICER
        press(factory, 5)
        assert [one.score for one in eventually(lambda: ratings(shown), 5)] == [1]
    assert shown.state(now=datetime.now(UTC)).prompt is None


def test_a_pin_that_is_taken_is_one_clear_error(factory, shown):
    with (
        gpiozero.LED(5),
        pytest.raises(SettingInvalid, match=r"\[gpio\].*BCM"),
        buttons(PINS, shown),
    ):
        pass


@pytest.mark.parametrize(
    "wrong",
    [{"rating_pins": (5, 6)}, {"lamp_pins": (5,)}, {"rating_pins": (5, 6, 13, 19, 5)},
     {"rating_pins": (5, 6, 13, 19, 28)}, {"rating_pins": (5, 6, 13, 19, 26), "officer_pin": 26}],
)  # fmt: skip
def test_pins_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match=r"pin|less than"):
        GpioSettings(**wrong)
