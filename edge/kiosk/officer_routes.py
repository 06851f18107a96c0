"""The calls of the officer's page: signing on and off, and the picture that citizens see."""

from __future__ import annotations

import base64
import binascii
import math
from datetime import UTC, datetime

from fastapi import FastAPI, HTTPException, Response, status

from contract.messages import SignOnMethod
from edge.kiosk.content import read_content
from edge.kiosk.presentation import Presentation
from edge.kiosk.rating_routes import refuse_other_counters
from edge.kiosk.schemas import AtCounter, DutyState, ListedOfficer, SignOnIn
from edge.kiosk.sign_on import Paused, WrongSecret

_PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"RIFF": "image/webp"}


def add_officer_calls(app: FastAPI, shown: Presentation) -> None:
    """Add the calls of the officer's page to `app`."""

    @app.post("/api/v1/sign-on")
    def sign_on(body: SignOnIn) -> DutyState:
        refuse_other_counters(shown, body.counter)
        secret, method = _secret(body)
        counter = body.counter or shown.book.counter
        try:
            shown.sign_on.sign_on(
                counter, secret, method, officer=body.officer, now=datetime.now(UTC)
            )
        except WrongSecret as error:
            raise HTTPException(status.HTTP_403_FORBIDDEN, str(error)) from error
        except Paused as error:
            raise HTTPException(
                status.HTTP_429_TOO_MANY_REQUESTS,
                "too many wrong attempts",
                headers={"Retry-After": str(math.ceil(error.wait_s))},
            ) from error
        return _state(shown, counter)

    @app.post("/api/v1/sign-off")
    def sign_off(body: AtCounter) -> DutyState:
        refuse_other_counters(shown, body.counter)
        counter = body.counter or shown.book.counter
        shown.sign_on.sign_off(counter, now=datetime.now(UTC))
        return _state(shown, counter)

    @app.get("/api/v1/duty")
    def duty(counter: str | None = None) -> DutyState:
        return _state(shown, counter or shown.book.counter)

    @app.get("/api/v1/officer-photo")
    def photo(counter: str | None = None) -> Response:
        on = shown.sign_on.duty(counter or shown.book.counter)
        content = read_content(shown.outbox, shown.settings)
        officer = None if on is None else content.officer(on.officer)
        if officer is None or not officer.photo:
            raise HTTPException(status.HTTP_404_NOT_FOUND, "no photo is configured")
        return _picture(officer.photo)


def _secret(body: SignOnIn) -> tuple[str, SignOnMethod]:
    if body.badge is not None:
        return body.badge, SignOnMethod.BADGE
    if body.pin is not None:
        return body.pin, SignOnMethod.PIN
    raise HTTPException(status.HTTP_422_UNPROCESSABLE_CONTENT, "give a pin or a badge")


def _state(shown: Presentation, counter: str) -> DutyState:
    on = shown.sign_on.duty(counter)
    officers = read_content(shown.outbox, shown.settings).officers
    return DutyState(
        officer=None if on is None else on.officer,
        officers=tuple(
            ListedOfficer(officer=one.officer, name=one.name or one.officer)
            for one in officers
            if one.pin is not None
        ),
    )


def _picture(photo: str) -> Response:
    try:
        content = base64.b64decode(photo, validate=True)
    except binascii.Error as error:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "the photo is not base64") from error
    for beginning, kind in _PICTURES.items():
        if content.startswith(beginning):
            return Response(content, media_type=kind)
    raise HTTPException(status.HTTP_404_NOT_FOUND, "the photo is no JPEG, PNG or WebP")
