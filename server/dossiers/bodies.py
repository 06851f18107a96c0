"""Dossiers and their events as JSON gives them. What is not named here is not kept."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from server.batches.fields import Key, Moment, Name, Promise, Text, natural_key
from server.dossiers.dossiers import DossierRecord, Event, EventKind, Supplement
from server.dossiers.privacy import ApplicantSettings, applicant_hash
from server.procedures.procedures import Channel
from server.procedures.store import Named


class SupplementBody(BaseModel):
    """What the citizen was asked to add."""

    model_config = ConfigDict(hide_input_in_errors=True)

    asked_at: Moment
    answered_at: Moment | None = None
    promised_at: Promise | None = None


class DossierBody(BaseModel):
    """One dossier. Names, addresses and telephone numbers of applicants are not read at all."""

    model_config = ConfigDict(hide_input_in_errors=True)

    code: Key
    revision: Moment | None = Field(
        default=None,
        description="When the source last changed it: the newest statement counts. Without it, "
        "the moment at which the batch came.",
    )
    procedure: Key
    procedure_name: Text | None = None
    family: Name | None = Field(default=None, description="The procedure's field (lĩnh vực).")
    family_name: Text | None = None
    receiving_unit: Name = Field(description="The unit that accepted it.")
    resolving_unit: Name = Field(description="The unit that decides on it.")
    area_unit: Name | None = Field(
        default=None, description="The unit of the place that it concerns, where that is another."
    )
    channel: Channel = Channel.DIRECT
    officer: Name | None = None
    received_at: Moment
    promised_at: Promise | None = None
    accepted_at: Moment | None = None
    processed_at: Moment | None = None
    returned_at: Moment | None = None
    handed_out_at: Moment | None = None
    stopped_at: Moment | None = None
    refused_at: Moment | None = None
    withdrawn_at: Moment | None = None
    supplements: list[SupplementBody] = Field(default=[], max_length=50)
    fee_due: bool | None = None
    paid_online: bool | None = None
    digitised: bool | None = None
    result_digitised: bool | None = None
    data_reused: bool | None = None
    identity_verified: bool | None = None
    applicant_identity: SecretStr | None = Field(
        default=None,
        description="Dropped, or hashed with the key MOTCUA_DOSSIERS_APPLICANT_KEY.",
    )

    @property
    def named(self) -> Named:
        """The procedure that it names."""
        return Named(
            code=self.procedure,
            name=self.procedure_name,
            family=None if self.family is None else natural_key(self.family).lower(),
            family_name=self.family_name,
        )

    def record(self, source: str, now: datetime, settings: ApplicantSettings) -> DossierRecord:
        """Return it as a value, with nothing personal left."""
        identity = self.applicant_identity
        kept = self.model_dump(
            exclude={
                "procedure_name", "family", "family_name", "supplements", "applicant_identity",
                "revision",
            }
        )  # fmt: skip
        return DossierRecord(
            **kept,
            source=source,
            revision=self.revision or now,
            supplements=tuple(Supplement(**each.model_dump()) for each in self.supplements),
            applicant=applicant_hash(identity and identity.get_secret_value(), settings),
        )


class EventBody(BaseModel):
    """One event of a dossier, in whatever order events come."""

    model_config = ConfigDict(hide_input_in_errors=True)

    code: Key
    id: Name = Field(description="The sender's; the same id again is a correction.")
    kind: EventKind
    at: Moment
    revision: Moment | None = Field(
        default=None, description="Of two versions the newest counts; without it, when it came."
    )
    promised_at: Promise | None = None
    officer: Name | None = None
    score: int | None = Field(default=None, ge=1, le=5)
    void: bool = Field(default=False, description="Takes an event back that never happened.")

    def event(self, now: datetime) -> Event:
        """Return it as a value."""
        values = self.model_dump(exclude={"revision"})
        return Event(**values, revision=self.revision or now)
