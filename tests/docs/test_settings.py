"""Every environment variable is explained in docs/settings.md, with the default it really has."""

from __future__ import annotations

import re

import pytest
from pydantic_settings import BaseSettings

from dashboards.settings import DashboardsSettings
from runtime.identity import Identity
from server.access.settings import AccessSettings, SingleSignOnSettings
from server.alerts.settings import AlertSettings
from server.audit.jobs import AuditSettings
from server.closing.settings import ClosingSettings
from server.db.pool import PoolSettings
from server.devices.settings import PhoneSettings
from server.dossiers.privacy import ApplicantSettings
from server.ingest.settings import IngestSettings
from server.live.settings import LiveSettings
from server.mirror.routes import MirrorSettings
from server.quarantine.jobs import QuarantineSettings
from server.reports.settings import ReportSettings
from server.schemes.library import SchemeSettings
from server.web.settings import WebSettings
from server.webhooks.settings import WebhookSettings
from tests.docs.repository import ROOT, tracked_texts

SETTINGS = (
    AccessSettings,
    AlertSettings,
    ApplicantSettings,
    AuditSettings,
    ClosingSettings,
    SingleSignOnSettings,
    IngestSettings,
    LiveSettings,
    MirrorSettings,
    PhoneSettings,
    PoolSettings,
    QuarantineSettings,
    ReportSettings,
    SchemeSettings,
    DashboardsSettings,
    Identity,
    WebhookSettings,
    WebSettings,
)
PAGE = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(MOTCUA_\w+)` \|(.+)$", PAGE, re.MULTILINE))
SOURCES = (".py", ".sh", ".yml", ".toml", ".service", ".conf")
PREFIXES = {  # of families whose members are listed one by one, and names that tests make up
    "MOTCUA_EDGE__",
    "MOTCUA_INGEST_",
    "MOTCUA_OIDC_",
    "MOTCUA_ACCESS_",
    "MOTCUA_ALERTS_",
    "MOTCUA_API_",
    "MOTCUA_AUDIT_",
    "MOTCUA_CLOSING_",
    "MOTCUA_DOSSIERS_",
    "MOTCUA_PHONE_",
    "MOTCUA_QUARANTINE_",
    "MOTCUA_REPORTS_",
    "MOTCUA_SCHEMES_",
    "MOTCUA_WEBHOOK_",
    "MOTCUA_DASHBOARDS__",
    "MOTCUA_IDENTITY__",
    "MOTCUA_",
}


def names_in_sources() -> set[str]:
    return {
        name
        for path, text in tracked_texts().items()
        if path.endswith(SOURCES) or path in {"Makefile", "Dockerfile", ".env.example"}
        if not path.startswith("tests/")
        for name in re.findall(r"MOTCUA_[A-Z][A-Z_]*", text)
    }


def test_every_variable_in_the_sources_is_explained():
    unknown = {
        name
        for name in names_in_sources() - PREFIXES - ROWS.keys()
        if not name.startswith("MOTCUA_EDGE__")
    }
    assert not unknown


def test_nothing_is_explained_that_nothing_reads():
    families = {
        f"{model.model_config['env_prefix']}{field.upper()}"
        for model in SETTINGS
        for field in model.model_fields
    }
    tests = "".join(text for path, text in tracked_texts().items() if path.endswith("conftest.py"))
    read = names_in_sources() | families | set(re.findall(r"MOTCUA_[A-Z_]+", tests))
    assert ROWS.keys() <= read


@pytest.mark.parametrize("model", SETTINGS)
def test_each_setting_stands_there_with_its_default(model: type[BaseSettings]):
    for field, info in model.model_fields.items():
        name = f"{model.model_config['env_prefix']}{field.upper()}"
        assert name in ROWS, f"{name} is not in docs/settings.md"
        assert f"`{info.default}`" in ROWS[name], f"{name}: the default is {info.default}"
