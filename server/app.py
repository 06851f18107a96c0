"""Composes the API: which features it serves, and how their errors are answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

import server.access.administration
import server.access.audit_routes
import server.access.preferences
import server.access.routes
import server.access.single_sign_on_routes
import server.alerts.control_routes
import server.alerts.routes
import server.alerts.rule_routes
import server.annotations.routes
import server.answers.routes
import server.appraisal.routes
import server.briefs.routes
import server.calendars.routes
import server.closing.figure_routes
import server.closing.routes
import server.complaints.routes
import server.contests.routes
import server.devices.config_routes
import server.devices.routes
import server.dossiers.routes
import server.exports.file_routes
import server.exports.list_routes
import server.exports.routes
import server.health
import server.live.routes
import server.phone.comment_routes
import server.phone.routes
import server.planning.routes
import server.procedures.routes
import server.quarantine.routes
import server.rankings.routes
import server.readings.routes
import server.reports.routes
import server.schemes.routes
import server.schemes.version_routes
import server.sources.routes
import server.staff.roster_routes
import server.staff.routes
import server.units.counter_routes
import server.units.import_routes
import server.units.routes
import server.webhooks.routes
from runtime.loopback import LoopbackOnly
from runtime.root_path import DeclaredRootPath, require_distinct
from runtime.settings import read_settings
from server.access.authentication import Authenticator
from server.access.entrance import Entrance
from server.access.principals import ANYONE
from server.access.provider import Provider
from server.access.responses import add_answers
from server.access.roles import Role
from server.access.settings import AccessSettings, SingleSignOnSettings
from server.access.single_sign_on import roles_by_group
from server.access.single_sign_on_routes import SingleSignOn
from server.access.trial import trial_as
from server.closing.editions import edition_of
from server.closing.store import closed_among
from server.db.pool import Database, PoolSettings
from server.devices.settings import PhoneSettings
from server.live.live import Live
from server.live.settings import LiveSettings
from server.mirror.routes import MirrorSettings, mirror
from server.phone.limits import Limits
from server.schemes.library import SchemeSettings, load_files, load_schemes
from server.swagger import FILES, PAGE, add_docs
from server.web.documents import complete
from server.web.kept import Kept
from server.web.limits import Bounded
from server.web.rates import Limited
from server.web.requests import Identified
from server.web.settings import WebSettings
from server.web.tagged import Tagged
from server.webhooks.settings import WebhookSettings

TITLE = "Motcua"
VERSION = "1"
DESCRIPTION = """Real-time service quality at one-stop public-service counters.

Figures that cannot be trusted are withheld with a reason, never shown as zero. The WebSocket
`/api/v1/stream?scope=SCOPE` sends `Update`s: first the whole scope, then what changes (at most
five a second), and at least one every five seconds. With `since=REVISION` it continues from there.
Apply the `readings` of each update, then the times in `observed`. If `since` of an update is
greater than the revision that you hold, connect again without it."""


_SERVED = ("/api/v1", server.phone.routes.PATH, PAGE, FILES, "/openapi.json", "/healthz")
"""The beginnings of every path that the API serves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """The settings of what the API is composed of.

    In a `trial` whoever asks from this machine without a token holds `trial_role`.
    """

    access: AccessSettings
    single_sign_on: SingleSignOnSettings
    live: LiveSettings
    mirror: MirrorSettings
    pool: PoolSettings
    phone: PhoneSettings = field(default_factory=PhoneSettings)
    schemes: SchemeSettings = field(default_factory=SchemeSettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    web: WebSettings = field(default_factory=WebSettings)
    trial: bool = False
    trial_role: Role = Role.ADMINISTRATOR

    @classmethod
    def read(cls, *, trial: bool = False, trial_role: Role = Role.ADMINISTRATOR) -> Self:
        """Return the settings as the environment has them; raise SettingInvalid."""
        return cls(
            access=read_settings(AccessSettings),
            single_sign_on=read_settings(SingleSignOnSettings),
            live=read_settings(LiveSettings),
            mirror=read_settings(MirrorSettings),
            pool=read_settings(PoolSettings),
            phone=read_settings(PhoneSettings),
            schemes=read_settings(SchemeSettings),
            webhooks=read_settings(WebhookSettings),
            web=read_settings(WebSettings),
            trial=trial,
            trial_role=trial_role,
        )


_FEATURES = (
    server.access.routes,
    server.access.preferences,
    server.access.single_sign_on_routes,
    server.access.administration,
    server.access.audit_routes,
    server.readings.routes,
    server.alerts.control_routes,
    server.live.routes,
    server.rankings.routes,
    server.schemes.routes,
    server.schemes.version_routes,
    server.alerts.routes,
    server.alerts.rule_routes,
    server.appraisal.routes,
    server.contests.routes,
    server.closing.routes,
    server.closing.figure_routes,
    server.planning.routes,
    server.annotations.routes,
    server.exports.routes,
    server.exports.file_routes,
    server.exports.list_routes,
    server.reports.routes,
    server.briefs.routes,
    server.units.routes,
    server.units.counter_routes,
    server.units.import_routes,
    server.calendars.routes,
    server.procedures.routes,
    server.devices.routes,
    server.devices.config_routes,
    server.staff.routes,
    server.staff.roster_routes,
    server.dossiers.routes,
    server.complaints.routes,
    server.sources.routes,
    server.quarantine.routes,
    server.webhooks.routes,
    server.phone.routes,
    server.answers.routes,
    server.phone.comment_routes,
    server.health,
)
"""What has routes; models' are made from the settings."""


def create_app(
    database_url: str, settings: ApiSettings | None = None, *, root_path: str = ""
) -> FastAPI:
    """Return the application; it connects when it starts and heals when the database was away.

    Routes are taken as they are: `include_router` makes each of them anew at the first request.

    `root_path` is where a reverse proxy serves it; raises SettingInvalid for a path of our own.
    """
    settings = settings or ApiSettings.read()
    database = Database(database_url, settings.pool)
    figures = Live(database, settings.live)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await database.open()
        try:
            async with figures.running():
                yield
        finally:
            await database.close()

    app = FastAPI(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        routes=[route for feature in _FEATURES for route in feature.router.routes],
    )
    _provide(app, database, figures, settings)
    _bound(app, settings)
    add_docs(app)
    app.router.routes.extend(mirror(settings.mirror.models).routes)
    add_answers(app)
    complete(app)
    if root_path:
        require_distinct(root_path, _SERVED)
        app.add_middleware(DeclaredRootPath, root_path=root_path)
    return app


def _bound(app: FastAPI, settings: ApiSettings) -> None:
    """Put before the routes what every request passes; what is added last comes first."""
    app.add_middleware(Tagged)
    if settings.trial:
        app.add_middleware(LoopbackOnly)
    if settings.web.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.web.origins,
            allow_methods=("GET", "HEAD"),
            allow_headers=("Authorization", "If-None-Match", "Last-Event-ID"),
            expose_headers=("ETag", "Link", "RateLimit", "RateLimit-Policy", "X-Request-ID"),
        )
    app.add_middleware(Bounded, settings=settings.web)
    app.add_middleware(Limited, settings=settings.web)
    app.add_middleware(Identified)


def _provide(app: FastAPI, database: Database, figures: Live, settings: ApiSettings) -> None:
    """Give the routes what their dependencies ask for."""
    app.state.database, app.state.live = database, figures
    app.state.kept_readings = Kept(settings.web.cached_s, figures.changes_heard)
    app.state.schemes = load_schemes(settings.schemes)
    app.state.scheme_files = load_files(settings.schemes)
    app.state.webhooks = settings.webhooks
    app.state.closed_periods, app.state.edition_of = closed_among, edition_of
    app.state.phone, app.state.phone_limits = settings.phone, Limits(settings.phone.per_minute)
    app.state.entrance = Entrance(settings.access)
    app.state.single_sign_on = SingleSignOn(
        provider=Provider(settings.single_sign_on), roles=roles_by_group(settings.single_sign_on)
    )
    otherwise = trial_as(settings.trial_role) if settings.trial else ANYONE
    app.state.authenticator = Authenticator(database, settings.access, otherwise=otherwise)
