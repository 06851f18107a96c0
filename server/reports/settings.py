"""How long reports are kept, and to whom the monthly one is sent by which mail server."""

from __future__ import annotations

from datetime import time
from enum import StrEnum

from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.texts import Language
from server.reports.document import Format
from server.scopes import PROVINCE


class Encryption(StrEnum):
    """How the connection to the mail server is encrypted."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class Recipient(BaseModel):
    """To whom a report is sent, of which place and how."""

    address: str = Field(pattern=r"^[^@\s<>,;]+@[^@\s<>,;]+$", max_length=254)
    scope: str = Field(default=str(PROVINCE), max_length=200)
    language: Language = Language.VI
    format: Format = Format.PDF
    scheme: str | None = Field(default=None, max_length=40)


class ReportSettings(BaseSettings):
    """Read from the environment as MOTCUA_REPORTS_SMTP_HOST and so on."""

    model_config = SettingsConfigDict(env_prefix="MOTCUA_REPORTS_", frozen=True, extra="ignore")

    kept_days: int = Field(default=7, ge=1, description="Days for which a report's file is kept.")
    smtp_host: str = Field(
        default="", description="The mail server; empty sends no report by e-mail."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="The mail server's port.")
    smtp_encryption: Encryption = Field(
        default=Encryption.STARTTLS, description="none, starttls or tls."
    )
    smtp_user: str = Field(default="", description="Who signs in there; empty signs nobody in.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="With which password.")
    smtp_answer_s: float = Field(
        default=30.0, gt=0, description="Seconds the mail server may take for each answer."
    )
    sender: str = Field(
        default="motcua@localhost", description="The address that reports are sent from."
    )
    recipients: tuple[Recipient, ...] = Field(
        default=(),
        description="To whom the monthly report is sent, as JSON: "
        '[{"address": "a@b.vn", "scope": "province", "language": "vi", "format": "pdf"}].',
    )
    mail_day: int = Field(
        default=3, ge=1, le=28, description="The day of the month on which last month's is sent."
    )
    mail_at: time = Field(default=time(7), description="The local time at which it is sent.")
    brief_at: time = Field(
        default=time(7), description="The local time at which the daily brief is sent."
    )
    tried_for_days: float = Field(
        default=14.0,
        gt=0,
        description="Days after which a message that does not arrive is given up.",
    )
