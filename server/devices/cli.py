"""`motcua device`: which devices are known, and which have left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from contract.errors import TopicError
from contract.topics import Address
from server.options import database_option

if TYPE_CHECKING:
    from psycopg import AsyncConnection

    from server.audit.entries import Action


@click.group("device")
def command() -> None:
    """List devices, retire those that have left, and bring them back."""


class _AddressType(click.ParamType[Address]):
    name = "UNIT/COUNTER/DEVICE"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Address:
        try:
            unit, counter, device = str(value).split("/")
            return Address(unit=unit, counter=counter, device=device)
        except (ValueError, TopicError) as error:
            self.fail(f"{value!r} is not UNIT/COUNTER/DEVICE: {error}", param, ctx)


_ADDRESS = _AddressType()


@command.command("list")
@click.option("--all", "everyone", is_flag=True, help="Also those that were retired.")
@database_option
def list_command(everyone: bool, database_url: str) -> None:
    """List the devices, one a line: address, state, when last heard, what is wrong."""
    from server.db.commands import run_once
    from server.devices.store import read_devices

    now = datetime.now(UTC)
    for device in run_once(database_url, partial(read_devices, now=now, retired=everyone)):
        state = "online" if device.online else "offline"
        seen = f"{device.last_seen:%Y-%m-%d %H:%M:%SZ}" if device.last_seen else "never"
        problems = "; ".join(problem.text_en for problem in device.problems)
        address = f"{device.unit}/{device.counter}/{device.device}"
        state = "retired" if device.retired_at else state
        click.echo(f"{address:40} {state:8} {seen:20} {problems}".rstrip())


@command.command("retire")
@click.argument("address", type=_ADDRESS)
@database_option
def retire_command(address: Address, database_url: str) -> None:
    """Take the device ADDRESS (UNIT/COUNTER/DEVICE) out of counts and screens.

    Its history stays, and it comes back by itself when it speaks again.
    """
    from server.audit.entries import Action
    from server.devices.store import retire

    done = _change(database_url, address, retire, Action.DEVICE_RETIRED)
    click.echo("Retired." if done else "It was retired already.")


@command.command("restore")
@click.argument("address", type=_ADDRESS)
@database_option
def restore_command(address: Address, database_url: str) -> None:
    """Bring the retired device ADDRESS (UNIT/COUNTER/DEVICE) back."""
    from server.audit.entries import Action
    from server.devices.store import restore

    done = _change(database_url, address, restore, Action.DEVICE_RESTORED)
    click.echo("Restored." if done else "It is not retired.")


def _change(
    database_url: str,
    address: Address,
    change: Callable[[AsyncConnection, Address], Awaitable[bool]],
    action: Action,
) -> bool:
    """Return whether the device was changed; the audit log says by whom."""
    from server.audit.commands import note_command
    from server.db.commands import run_once

    async def work(connection: AsyncConnection) -> bool:
        done = await change(connection, address)
        subject = f"{address.unit}/{address.counter}/{address.device}"
        await note_command(connection, action, subject)
        return done

    return run_once(database_url, work)
