"""Puts one run together: data folder, database, broker, our parts, and the end of it all."""

from __future__ import annotations

import os
import secrets
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from motcua.errors import ProcessFailed
from motcua.local.broker import Broker, run_broker
from motcua.local.locks import folder_lock
from motcua.local.notices import Say
from motcua.local.postgres import PostgresServer, run_postgres
from motcua.run.addresses import Addresses, choose_addresses
from motcua.run.administrator import administrator_link
from motcua.run.banner import banner
from motcua.run.options import RunOptions
from motcua.run.parts import Stage, device_parts, server_parts, simulation_part
from motcua.run.places import Places
from motcua.run.supervisor import Supervisor
from motcua.simulate.province import write_units
from server.closing.keys import make_key

HISTORY_SCALE, HISTORY_RAW_DAYS, HISTORY_DOSSIERS = 0.08, 42, 0.1
"""A year of ten units or so, messages of six weeks: last month's end too; a tenth of dossiers."""


def run_system(options: RunOptions, *, say: Say, stopping: Event) -> None:
    """Run the whole system until `stopping` is set, then stop it; raises MotcuaError."""
    places = Places(data=options.data)
    places.require_room()
    with ExitStack() as stack:
        stack.enter_context(folder_lock(places.data, name="run.lock"))
        places.prepare()
        supervisor = Supervisor(places, say=say, stopping=stopping)
        supervisor.clear_leftovers()
        addresses = choose_addresses(options)
        for line in addresses.moved:
            say(line)
        database = stack.enter_context(run_postgres(places.postgres, say=say))
        say(f"database: running on port {database.port}")
        broker = stack.enter_context(run_broker(places.broker, port=addresses.broker, say=say))
        say(f"broker ({broker.kind}): running on port {broker.port}")
        supervisor.adopt(database, name="database", stage=Stage.DATABASE)
        supervisor.adopt(broker, name="broker", stage=Stage.BROKER)
        stack.callback(say, "stopped; the data are kept")
        stack.callback(supervisor.stop)
        stack.callback(say, "stopping ...")
        _keep_private(places.data / "database-url", database.url)
        link = _run_parts(supervisor, options, addresses, places, database, broker)
        if not stopping.is_set():
            say(
                banner(
                    addresses,
                    data=places.data,
                    broker=f"{broker.url}  ({broker.kind})",
                    database_url=database.url,
                    models_key=places.models_key,
                    link=link,
                )
            )
        supervisor.watch()


def _run_parts(
    supervisor: Supervisor,
    options: RunOptions,
    addresses: Addresses,
    places: Places,
    database: PostgresServer,
    broker: Broker,
) -> str | None:
    """Start everything; return the token of the administrator's link while it is needed."""
    supervisor.provide(
        {
            "MOTCUA_DATABASE_URL": database.url,
            "MOTCUA_BROKER_URL": broker.url,
            "MOTCUA_API_URL": addresses.url(addresses.api),
            "MOTCUA_API_MODELS": str(places.published_models),
            "MOTCUA_CLOSING_KEY": _closing_key(places),
            "MOTCUA_ACCESS_RELAY_SECRET": secrets.token_urlsafe(32),
            **addresses.past_proxies(os.environ),
        }
    )
    supervisor.run_once("migrations", "db", "migrate")
    _import_units(supervisor, options, places)
    link = administrator_link(database.url)
    if not options.empty:
        # Before ingest, which would wait for it: totals are loaded in bulk.
        _load_history(supervisor, options)
    server = server_parts(addresses, options.role)
    supervisor.start((*server, *device_parts(options, addresses, places)))
    simulation = simulation_part(options)
    if simulation:
        # After ingest: what a broker gets before its first subscriber, it forgets.
        supervisor.start((simulation,))
    _publish_models(supervisor, options, places)
    return link


def _load_history(supervisor: Supervisor, options: RunOptions) -> None:
    """Give a new database months to look at; without them, everything else runs."""
    size = (
        "--scale", str(HISTORY_SCALE), "--raw-days", str(HISTORY_RAW_DAYS),
        "--dossiers", str(HISTORY_DOSSIERS),
    )  # fmt: skip
    try:
        supervisor.run_once(
            "simulated history", "simulate", "history", *size, "--seed", str(options.seed), "--once"
        )
    except ProcessFailed as error:
        supervisor.say(str(error))


def _publish_models(supervisor: Supervisor, options: RunOptions, places: Places) -> None:
    """Offer what models are here to devices elsewhere; without that, everything else runs."""
    folder = () if options.models is None else ("--models", str(options.models.absolute()))
    target, key = str(places.published_models), str(places.models_key)
    try:
        supervisor.run_once(
            "models for devices", "models", "publish", target, "--key", key, *folder
        )
    except ProcessFailed as error:
        supervisor.say(str(error))


def _import_units(supervisor: Supervisor, options: RunOptions, places: Places) -> None:
    """Give the units their names; a file that a user has spoilt does not stop the system."""
    files = [places.units]
    if options.simulate > 0:
        write_units(places.simulated_units, options.simulate, options.seed)
        files.append(places.simulated_units)
    for file in files:
        try:
            supervisor.run_once(f"units of {file.name}", "import", "units", str(file))
        except ProcessFailed as error:
            supervisor.say(str(error))


def _closing_key(places: Places) -> str:
    """Return the file of the key that closings are signed with, made at the first start."""
    given = os.environ.get("MOTCUA_CLOSING_KEY")
    if given:
        return given
    if not places.closing_key.exists():
        make_key(places.closing_key)
    return str(places.closing_key)


def _keep_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(f"{text}\n", encoding="utf-8")
