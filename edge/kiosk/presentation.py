"""The state of the rating page: what is asked, who serves, and what the idle screen tells."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from contract.messages import PromptOpener, ReportedProblem
from contract.problems import ProblemCode, report
from contract.visit_tokens import VisitToken, make_token
from edge.errors import StoreError
from edge.health import STALE_AFTER_S
from edge.kiosk.content import Content, read_content
from edge.kiosk.origins import Refusal
from edge.kiosk.ratings import RatingService
from edge.kiosk.schemas import PageState, PendingPrompt, ShownOfficer, ShownWait
from edge.kiosk.sign_on import SignOnService
from edge.settings import KioskSettings
from edge.store.outbox import Outbox, ProcessName, ProcessStatus
from edge.store.prompts import PromptBook

CALL_STAYS = timedelta(minutes=15)
"""A number that was called longer ago says nothing any more."""

_MOST_LOGGED = 20
"""Pages whose refusal is logged, each once."""

log = structlog.get_logger()


@dataclass(slots=True, kw_only=True)
class Presentation:
    """One device's pages; every call may raise a StoreError. `build` names the pages' files."""

    outbox: Outbox
    book: PromptBook
    ratings: RatingService
    sign_on: SignOnService
    settings: KioskSettings
    build: str
    pressed: dict[str, tuple[UUID, int, datetime]] = field(default_factory=dict)
    """By counter, the rating of the button that was pressed last: the page thanks for it, too."""
    _refused: ReportedProblem | None = None
    _logged: set[Refusal] = field(default_factory=set)

    def state(self, *, now: datetime, counter: str | None = None) -> PageState:
        """Return what the page has to know; the server's settings override the device's own.

        `counter` is the one at which the page stands, None for the device's own.
        """
        place = counter or self.book.counter
        self._take_command(now)
        self.book.settle(now=now)
        content = read_content(self.outbox, self.settings)
        prompt = self.book.pending(place, now=now)
        return PageState(
            language=content.language,
            reset_s=content.reset_s,
            notice=content.notice,
            prompt=None
            if prompt is None
            else PendingPrompt(
                id=prompt.id,
                expires_at=prompt.expires_at,
                opened_by=prompt.opened_by,
                remaining_s=(prompt.expires_at - now).total_seconds(),
                phone=content.phone is not None,
            ),
            connected=self._is_connected(),
            expected_wait=self._expected_wait(place),
            service=content.service_at(place),
            called=self._called(place, now),
            officer=self._officer(place, content),
            signs_on=bool(content.officers),
            pressed=self._pressed(place, now),
            build=self.build,
        )

    def phone_link(self, identity: UUID, *, now: datetime) -> str | None:
        """Return the address at which the pending request `identity` is answered on a telephone.

        None where no page is configured, or the request is over. The token carries when it was
        opened, so that one request has one token.
        """
        page = read_content(self.outbox, self.settings).phone
        prompt = self.book.pending_named(identity, now=now)
        if page is None or prompt is None:
            return None
        token = VisitToken(
            number=page.number,
            issued_at=prompt.opened_at,
            request=prompt.id,
            visit=prompt.visit,
            counter=None if prompt.counter == self.book.counter else prompt.counter,
        )
        return f"{page.address.rstrip('/')}/{make_token(token, bytes.fromhex(page.key))}"

    def ask(self, counter: str | None, by: PromptOpener, *, now: datetime) -> None:
        """Open a request for a rating because somebody at the counter wants it."""
        lasts = timedelta(seconds=self.settings.prompt_s or self.settings.reset_s)
        self.book.open(counter or self.book.counter, by, now=now, expires_at=now + lasts)

    def upkeep(self, *, now: datetime) -> None:
        """Store that the kiosk runs and whether ratings can be stored; close what is over."""
        self.book.settle(now=now)
        self.sign_on.end_forgotten(now=now)
        found = (self.ratings.problem, self._refused)
        problems = tuple(one for one in found if one is not None)
        self.outbox.put_status(ProcessName.KIOSK, ProcessStatus(problem_reports=problems))

    def accept_page(self) -> None:
        """Forget that a page was refused: one of another has been stored."""
        self._refused = None

    def refuse_page(self, refused: Refusal) -> None:
        """Report that ratings of a page are refused, until one of another page is stored."""
        self._refused = report(ProblemCode.PAGE_REFUSED, origin=refused.origin, host=refused.host)
        if refused not in self._logged and len(self._logged) < _MOST_LOGGED:
            self._logged.add(refused)
            log.warning("page_refused", problem=refused.reason)

    def _take_command(self, now: datetime) -> None:
        """Make a request of the server's command, once."""
        command = self.outbox.pending_prompt(now=now)
        if command is None:
            return
        # A full disk: the page asks all the same, at its next look.
        with suppress(StoreError):
            self.book.open(
                self.book.counter,
                PromptOpener.SERVER,
                now=now,
                expires_at=command.expires_at,
                identity=command.id,
            )
            self.outbox.finish_prompts()

    def _called(self, counter: str, now: datetime) -> str | None:
        for number, called_at in self.outbox.read("called", counter):
            if now.timestamp() - called_at <= CALL_STAYS.total_seconds():
                return str(number)
        return None

    def _officer(self, counter: str, content: Content) -> ShownOfficer | None:
        """Return whom the screen may name: who has signed on, and only with a name configured."""
        duty = self.sign_on.duty(counter)
        officer = None if duty is None else content.officer(duty.officer)
        if officer is None or officer.name is None:
            return None
        return ShownOfficer(name=officer.name, has_photo=bool(officer.photo))

    def _pressed(self, counter: str, now: datetime) -> UUID | None:
        identity, _, at = self.pressed.get(counter, (None, 0, now))
        return identity if now - at <= timedelta(seconds=5) else None

    def _expected_wait(self, counter: str) -> ShownWait | None:
        """Return the wait that watch expects there, in whole minutes; None when it tells none."""
        watch = self.outbox.statuses().get(ProcessName.WATCH)
        if watch is None or watch.age_s is None or watch.age_s > STALE_AFTER_S:
            return None
        expected = watch.status.expected_waits.get(counter)
        if expected is None:
            return None
        return ShownWait(
            low_min=math.floor(expected.low_s / 60), high_min=math.ceil(expected.high_s / 60)
        )

    def _is_connected(self) -> bool | None:
        relay = self.outbox.statuses().get(ProcessName.RELAY)
        if relay is None or relay.age_s is None or relay.age_s > STALE_AFTER_S:
            return None
        return relay.status.connected
