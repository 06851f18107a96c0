"""Second factors: time-based one-time passwords (RFC 6238), and codes for a lost device."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime
from uuid import UUID

import pyotp
from psycopg import AsyncConnection

from contract.access import SecondFactorBegun
from runtime.sql import statements
from server.access.tokens import digest
from server.errors import CodeWrong, Conflict, NotFound

_SQL = statements("server.access", "second_factors.sql")

STEP_S = 30
_STEPS_AROUND = 1
"""Steps by which a telephone's clock may be wrong, either way."""
_CODES = 10
_CODE_BYTES = 10
_ISSUER = "Motcua"


async def begin(connection: AsyncConnection, account: UUID, name: str) -> SecondFactorBegun:
    """Return a new secret, which counts once a code of it is confirmed; raise Conflict where a
    second factor is set up already.
    """
    secret = pyotp.random_base32()
    row = {"account": account, "secret": secret}
    if await (await connection.execute(_SQL["begin"], row)).fetchone() is None:
        raise Conflict("a second factor is set up; an administrator's reset removes a lost one")
    totp = pyotp.TOTP(secret, interval=STEP_S)
    return SecondFactorBegun(
        secret=secret, address=totp.provisioning_uri(name=name, issuer_name=_ISSUER)
    )


async def confirm(
    connection: AsyncConnection, account: UUID, code: str, now: datetime
) -> list[str]:
    """Let the second factor count from now on and return its recovery codes.

    Raises NotFound where none was begun, Conflict where one counts already, and CodeWrong.
    """
    found = await (await connection.execute(_SQL["secret"], {"account": account})).fetchone()
    if found is None:
        raise NotFound("no second factor was begun")
    secret, confirmed = found
    if confirmed:
        raise Conflict("the second factor is set up already")
    if not await _takes(connection, account, secret, code, now):
        raise CodeWrong("the code is not right; take the one that is shown now")
    await connection.execute(_SQL["remove_codes"], {"account": account})
    codes = [_new_code() for _ in range(_CODES)]
    for each in codes:
        await connection.execute(
            _SQL["add_code"], {"account": account, "code": digest(_normal(each))}
        )
    return codes


async def proves(
    connection: AsyncConnection, account: UUID, code: str, now: datetime
) -> bool | None:
    """Return whether a code or recovery code is right, None where no second factor is set up."""
    found = await (await connection.execute(_SQL["secret"], {"account": account})).fetchone()
    if found is None or not found[1]:
        return None
    if await _takes(connection, account, found[0], code, now):
        return True
    row = {"account": account, "code": digest(_normal(code)), "now": now}
    return await (await connection.execute(_SQL["use_code"], row)).fetchone() is not None


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """Return the step whose code it is, None for no step near `now`. Takes the same time always."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    found = None
    for step in range(current - _STEPS_AROUND, current + _STEPS_AROUND + 1):
        if secrets.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


async def _takes(
    connection: AsyncConnection, account: UUID, secret: str, code: str, now: datetime
) -> bool:
    step = step_of(secret, code, now)
    if step is None:
        return False
    row = {"account": account, "step": step, "now": now}
    return await (await connection.execute(_SQL["take_step"], row)).fetchone() is not None


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _normal(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
