"""The calls of the rating page: what is tapped, taken back, asked for, and what the page shows."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from fastapi import FastAPI, HTTPException, Response, status

from contract.messages import PromptOpener, Rating
from edge.kiosk.presentation import Presentation
from edge.kiosk.qr_codes import qr_svg
from edge.kiosk.ratings import REASONS_UP_TO, Tap, TooLate
from edge.kiosk.schemas import AskIn, PageState, RatingIn, ReasonsIn, Stored


def add_rating_calls(app: FastAPI, shown: Presentation) -> None:
    """Add the calls of the rating page to `app`."""
    service = shown.ratings
    _add_prompt_calls(app, shown)

    @app.post("/api/v1/ratings", status_code=status.HTTP_201_CREATED)
    def rate(body: RatingIn, response: Response) -> Stored:
        now = datetime.now(UTC)
        refuse_other_counters(shown, body.counter)
        tap = Tap(
            id=body.id,
            score=body.score,
            language=body.language,
            counter=body.counter,
            held_s=body.held_s,
        )
        rating = service.rate(tap, now=now)
        shown.accept_page()
        return _stored(rating, response, now)

    @app.post("/api/v1/ratings/{identity}/reasons", status_code=status.HTTP_201_CREATED)
    def give_reasons(identity: UUID, body: ReasonsIn, response: Response) -> Stored:
        now = datetime.now(UTC)
        rating = _known(shown, identity)
        if rating.score > REASONS_UP_TO:
            raise HTTPException(status.HTTP_409_CONFLICT, "a satisfied citizen gives no reasons")
        amendment = service.give_reasons(rating, body.reasons, body.language, now=now)
        return _stored(amendment, response, now)

    @app.post("/api/v1/ratings/{identity}/withdrawal", status_code=status.HTTP_201_CREATED)
    def withdraw(identity: UUID, response: Response) -> Stored:
        now = datetime.now(UTC)
        try:
            amendment = service.withdraw(_known(shown, identity), now=now)
        except TooLate as error:
            raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from error
        return _stored(amendment, response, now)


def _add_prompt_calls(app: FastAPI, shown: Presentation) -> None:
    @app.post("/api/v1/prompts", status_code=status.HTTP_204_NO_CONTENT)
    def ask(body: AskIn) -> None:
        now = datetime.now(UTC)
        refuse_other_counters(shown, body.counter)
        if body.opened_by is PromptOpener.OFFICER:
            shown.sign_on.note_activity(body.counter or shown.book.counter, now=now)
        shown.ask(body.counter, body.opened_by, now=now)

    @app.post("/api/v1/prompts/{identity}/shown", status_code=status.HTTP_204_NO_CONTENT)
    def note_shown(identity: UUID) -> None:
        shown.book.show(identity, now=datetime.now(UTC))

    @app.post("/api/v1/prompts/{identity}/skipped", status_code=status.HTTP_204_NO_CONTENT)
    def skip(identity: UUID) -> None:
        shown.book.skip(identity, now=datetime.now(UTC))

    @app.get("/api/v1/prompts/{identity}/qr.svg")
    def qr_code(identity: UUID) -> Response:
        link = shown.phone_link(identity, now=datetime.now(UTC))
        if link is None:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "nothing is asked, or no page is known")
        return Response(qr_svg(link), media_type="image/svg+xml")

    @app.get("/api/v1/state")
    def state(counter: str | None = None) -> PageState:
        return shown.state(now=datetime.now(UTC), counter=counter)


def refuse_other_counters(shown: Presentation, counter: str | None) -> None:
    """Raise 422 for a counter that is not served here."""
    if not shown.ratings.is_served(counter):
        raise HTTPException(
            status.HTTP_422_UNPROCESSABLE_CONTENT,
            f"counter {counter} is not one of [kiosk] counters",
        )


def _stored(rating: Rating, response: Response, now: datetime) -> Stored:
    """Return the answer; 200 instead of 201 for what was stored before."""
    if rating.observed_at != now:
        response.status_code = status.HTTP_200_OK
    return Stored(id=rating.id, observed_at=rating.observed_at)


def _known(shown: Presentation, identity: UUID) -> Rating:
    rating = shown.ratings.rating(identity)
    if rating is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"no recent rating {identity}")
    return rating
