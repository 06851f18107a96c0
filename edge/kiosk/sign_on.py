"""Officers sign on at the counter, by PIN or badge, and are signed off when nobody is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from contract.identifiers import derived_id, new_id
from contract.messages import KioskOfficer, OfficerSession, SessionEvent, SignOnMethod
from contract.topics import STREAMS, Stream
from edge.kiosk.content import read_content
from edge.kiosk.secrets import is_secret
from edge.settings import KioskSettings
from edge.store.outbox import Outbox
from runtime.backoff import pause_s

FREE_ATTEMPTS = 3
"""Wrong PINs in a row before the first pause."""

FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 900.0
"""At a quarter of an hour a try, ten thousand PINs take a hundred days."""


class WrongSecret(ValueError):
    """No officer has that PIN or badge."""


@dataclass(slots=True)
class Paused(ValueError):
    """Too many wrong PINs; the next one is looked at in `wait_s` seconds."""

    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An officer who has signed on at a counter; `active_at` is the last sign of life."""

    counter: str
    session: UUID
    officer: str
    method: SignOnMethod
    since: datetime
    active_at: datetime

    @classmethod
    def from_row(cls, row: Sequence[Any]) -> Self:
        """Return what stands in the columns of the table."""
        counter, session, officer, method, since, active_at = row
        return cls(
            counter=counter,
            session=UUID(bytes=session),
            officer=officer,
            method=SignOnMethod(method),
            since=datetime.fromtimestamp(since, UTC),
            active_at=datetime.fromtimestamp(active_at, UTC),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOnService:
    """Sign-on at one device's counters, whose own is `counter`; calls may raise a StoreError."""

    outbox: Outbox
    device: str
    counter: str
    settings: KioskSettings

    def duty(self, counter: str) -> Duty | None:
        """Return who has signed on at `counter`."""
        for row in self.outbox.read("duty", counter):
            return Duty.from_row(row)
        return None

    def sign_on(
        self, counter: str, secret: str, method: SignOnMethod, *, now: datetime, officer: str = ""
    ) -> Duty:
        """Sign the officer on whose PIN or badge `secret` is; whoever was there is signed off.

        `officer` is the code that goes with a PIN. Raises WrongSecret, or Paused when too many
        were wrong.
        """
        self._refuse_too_many(now)
        found = self._find(secret, method, officer)
        if found is None:
            self.outbox.write(
                lambda: self.outbox.execute("note_refused_sign_on", now.timestamp()) and None
            )
            raise WrongSecret("no officer has this PIN or badge")
        duty = Duty(
            counter=counter,
            session=new_id(now),
            officer=found.officer,
            method=method,
            since=now,
            active_at=now,
        )

        def begin() -> Duty:
            self.outbox.execute("forget_refused_sign_ons")
            before = self._duty_within(counter)
            if before is not None and before.officer == duty.officer:
                self.outbox.execute("touch_duty", now.timestamp(), counter, now.timestamp())
                return before
            if before is not None:
                self._end_within(before, now, automatic=True)
            self.outbox.put(self._message(duty, SessionEvent.ON, now))
            self.outbox.execute(
                "put_duty",
                counter,
                duty.session.bytes,
                duty.officer,
                duty.method,
                now.timestamp(),
                now.timestamp(),
            )
            return duty

        return self.outbox.write(begin)

    def sign_off(self, counter: str, *, now: datetime) -> None:
        """Sign off whoever is there."""

        def end() -> None:
            duty = self._duty_within(counter)
            if duty is not None:
                self._end_within(duty, now, automatic=False)

        self.outbox.write(end)

    def note_activity(self, counter: str, *, now: datetime) -> None:
        """Keep the officer signed on: somebody is served there."""
        if self.duty(counter) is not None:
            at = now.timestamp()
            self.outbox.write(lambda: self.outbox.execute("touch_duty", at, counter, at) and None)

    def end_forgotten(self, *, now: datetime) -> None:
        """Sign off who gave no sign of life for too long, as of the end of that time."""
        limit = timedelta(seconds=self.settings.sign_off_after_s)
        if not any(now - duty.active_at > limit for duty in self._all()):
            return

        def end() -> None:
            for row in self.outbox.execute("duties").fetchall():
                duty = Duty.from_row(row)
                if now - duty.active_at > limit:
                    self._end_within(duty, duty.active_at + limit, automatic=True)

        self.outbox.write(end)

    def _all(self) -> list[Duty]:
        return [Duty.from_row(row) for row in self.outbox.read("duties")]

    def _duty_within(self, counter: str) -> Duty | None:
        for row in self.outbox.execute("duty", counter).fetchall():
            return Duty.from_row(row)
        return None

    def _end_within(self, duty: Duty, at: datetime, *, automatic: bool) -> None:
        self.outbox.put(self._message(duty, SessionEvent.OFF, at, automatic=automatic))
        self.outbox.execute("end_duty", duty.counter)

    def _find(self, secret: str, method: SignOnMethod, officer: str) -> KioskOfficer | None:
        for one in read_content(self.outbox, self.settings).officers:
            if method is SignOnMethod.PIN and one.officer != officer:
                continue
            known = one.pin if method is SignOnMethod.PIN else one.badge
            if known is not None and is_secret(secret, known):
                return one
        return None

    def _refuse_too_many(self, now: datetime) -> None:
        for failures, failed_at in self.outbox.read("refused_sign_ons"):
            if failures < FREE_ATTEMPTS:
                return
            pause = pause_s(
                failures - FREE_ATTEMPTS + 1, first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S
            )
            # A clock that was set back must not lock officers out for as long.
            passed_s = abs(now.timestamp() - failed_at)
            if passed_s < pause:
                raise Paused(pause - passed_s)

    def _message(
        self, duty: Duty, event: SessionEvent, at: datetime, *, automatic: bool = False
    ) -> OfficerSession:
        return OfficerSession(
            id=derived_id(duty.since, str(duty.session), event),
            device=self.device,
            seq=0,
            observed_at=at,
            schema=STREAMS[Stream.SESSION].version,
            session=duty.session,
            event=event,
            officer=duty.officer,
            method=duty.method,
            automatic=automatic,
            counter=None if duty.counter == self.counter else duty.counter,
        )
