"""The console script: joins the rooms' commands and imports each only when it is called."""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Mapping
from types import MappingProxyType

import click
import structlog

from runtime.printing import replace_unprintable
from runtime.reporting import reported
from runtime.stream_urls import redact

_COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "run": ("motcua.run", "The whole system on one machine."),
        "simulate": ("motcua.simulate.cli", "Publish a simulated province to any broker."),
        "edge": ("edge.cli", "The device at a counter: watch, kiosk, relay, check, bench, replay."),
        "server": ("server.cli", "Ingest, API and worker."),
        "db": ("server.database", "Migrate the database, say where it stands, verify totals."),
        "device": ("server.devices.cli", "List, retire and restore devices."),
        "unit": ("server.units.cli", "List units, and accept those that a message named."),
        "user": ("server.access.user_cli", "Accounts of people."),
        "key": ("server.access.key_cli", "Keys of programs."),
        "screen": ("server.access.screen_cli", "Screens of walls."),
        "audit": ("server.audit_log", "Verify or export the audit log."),
        "closing": ("server.closing.cli", "Close months, quarters and years; keys, versions."),
        "alerts": ("server.alerts.cli", "Alerts: try a rule on the past."),
        "privacy": ("server.privacy.cli", "Requests about personal data, breaches, erasure."),
        "report": ("server.reports.cli", "Rankings, classes and schemes as text."),
        "brief": ("server.briefs.cli", "The daily brief by e-mail: subscribe, list, show."),
        "import": ("server.imports", "Import tables from CSV, XLSX or ODS."),
        "dashboards": ("dashboards.cli", "The command centre's screens."),
        "models": ("models.cli", "The model registry."),
    }
)


class _LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for: `command` of the module.

    Whatever a command reports to its user becomes one line and exit code 1 here, and only here.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _ = _COMMANDS[cmd_name]
        try:
            command = importlib.import_module(module).command
        except ModuleNotFoundError as error:
            raise _not_installed(cmd_name, error) from error
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            with reported():
                return super().invoke(ctx)
        except ModuleNotFoundError as error:  # commands import what they need when they run
            raise _not_installed(ctx.invoked_subcommand or "", error) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


def _not_installed(name: str, error: ModuleNotFoundError) -> click.ClickException:
    room = _COMMANDS[name][0].partition(".")[0]
    role = {"motcua": "local", "models": "edge"}.get(room, room)
    return click.ClickException(
        f"`motcua {name}` needs {error.name}, which is not installed: pip install 'motcua[{role}]'"
    )


@click.command(cls=_LazyGroup)
@click.version_option(package_name="motcua")
def main() -> None:
    """Motcua: real-time service quality at one-stop public-service counters."""
    replace_unprintable(sys.stdout, sys.stderr)
    configure_logging()


def configure_logging() -> None:
    """Log events to stderr: readable on a terminal, one JSON object a line elsewhere.

    MOTCUA_LOG_FORMAT (console|json) and MOTCUA_LOG_LEVEL override.
    """
    default = "console" if sys.stderr.isatty() else "json"
    console = os.environ.get("MOTCUA_LOG_FORMAT", default) == "console"
    level = _level(os.environ.get("MOTCUA_LOG_LEVEL", "INFO"))
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _redact(
    _logger: object, _method: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Take the passwords of URLs out of an event, whoever logged it and in whatever error."""
    return {key: redact(value) if isinstance(value, str) else value for key, value in event.items()}


def _level(name: str) -> int:
    levels = logging.getLevelNamesMapping()
    if name.upper() not in levels:
        raise click.ClickException(
            f"MOTCUA_LOG_LEVEL is {name!r}; known: {', '.join(levels).lower()}"
        )
    return levels[name.upper()]


if __name__ == "__main__":
    main()
