-- Working calendars, procedures, dossiers with their events, complaints, and the systems they come from.

-- Units name their calendar in unit.calendar; one that is not here, or none up to the top of the
-- tree, is `default`. Without rules a calendar has the hours that the software ships.
CREATE TABLE calendar (
    id text PRIMARY KEY,
    public_holidays boolean NOT NULL DEFAULT true
);
INSERT INTO calendar (id) VALUES ('default');

-- The hours of a weekday (0 is Monday), or of one day, which stands above all else: as
-- `07:30-11:30 13:30-17:00`, empty for a day off.
CREATE TABLE calendar_rule (
    calendar text NOT NULL REFERENCES calendar,
    weekday smallint CHECK (weekday BETWEEN 0 AND 6),
    day date,
    hours text NOT NULL,
    note text NOT NULL DEFAULT '',
    CHECK ((weekday IS NULL) <> (day IS NULL)),
    UNIQUE NULLS NOT DISTINCT (calendar, weekday, day)
);

CREATE TABLE procedure_family (
    id text PRIMARY KEY,
    name_vi text NOT NULL,
    name_en text NOT NULL
);

-- What a record named first has no limit of its own until the administration imports it.
CREATE TABLE procedure (
    code text PRIMARY KEY,
    family text REFERENCES procedure_family,
    name_vi text NOT NULL,
    name_en text NOT NULL,
    limit_days double precision CHECK (limit_days > 0),
    late_after time,
    -- The one system whose dossiers of this procedure count; NULL takes them from any.
    source text,
    registered_by text NOT NULL DEFAULT 'record' CHECK (registered_by IN ('record', 'import'))
);
CREATE INDEX procedure_family_of ON procedure (family);

-- One row a dossier. The first part is what a system stated last, whole; the second follows from it
-- and from dossier_event, and is computed anew whenever either changes (server/dossiers/states.py).
-- Units and procedures are checked for whole batches by whoever writes: a foreign key would ask once
-- a row, a million times in an import.
CREATE TABLE dossier (
    code text PRIMARY KEY,
    source text NOT NULL,
    revision timestamptz NOT NULL,
    digest bigint NOT NULL,
    procedure text NOT NULL,
    receiving_unit text NOT NULL,
    resolving_unit text NOT NULL,
    area_unit text,
    channel text NOT NULL,
    stated_officer text,
    received_at timestamptz NOT NULL,
    promised_at timestamptz,
    accepted_at timestamptz,
    processed_at timestamptz,
    returned_at timestamptz,
    handed_out_at timestamptz,
    stopped_at timestamptz,
    refused_at timestamptz,
    withdrawn_at timestamptz,
    supplements jsonb,
    fee_due boolean,
    paid_online boolean,
    digitised boolean,
    result_digitised boolean,
    data_reused boolean,
    identity_verified boolean,
    -- A keyed hash where linking needs it, never a name or number.
    applicant text,

    family text,
    officer text,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    counted boolean NOT NULL,
    due_at timestamptz,
    overdue_at timestamptz,
    soon_from date,
    timeliness text,
    days double precision,
    requests smallint NOT NULL,
    waits_for_citizen boolean NOT NULL,
    result_at timestamptz,
    apologised_at timestamptz,
    score smallint,
    stored_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 85);
-- What screens of today ask: what is open, and from when it is late.
CREATE INDEX dossier_open ON dossier (resolving_unit, overdue_at) WHERE ended_at IS NULL;

-- Events that systems report apart from records, the newest version of each. They may come before
-- the dossier's record, so that there is no foreign key.
CREATE TABLE dossier_event (
    code text NOT NULL,
    id text NOT NULL,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    revision timestamptz NOT NULL,
    source text NOT NULL,
    promised_at timestamptz,
    officer text,
    score smallint,
    void boolean NOT NULL DEFAULT false,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (code, id)
);

-- Complaints and petitions (PAKN): when each step was taken and until when it had to be. What they
-- say and who made them is not kept.
CREATE TABLE complaint (
    id text PRIMARY KEY,
    source text NOT NULL,
    revision timestamptz NOT NULL,
    digest bigint NOT NULL,
    unit text NOT NULL,
    procedure text,
    family text,
    dossier text,
    officer text,
    received_at timestamptz NOT NULL,
    rejected_at timestamptz,
    asked_at timestamptz,
    answered_at timestamptz,
    resolved_at timestamptz,
    published_at timestamptz,
    satisfied boolean,
    reject_due timestamptz NOT NULL,
    ask_due timestamptz NOT NULL,
    resolve_due timestamptz NOT NULL,
    publish_due timestamptz,
    ended_at timestamptz,
    overdue_at timestamptz,
    in_time boolean,
    stored_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX complaint_received ON complaint (received_at);

-- How far each system has been read, and what of it was refused.
CREATE TABLE source (
    id text PRIMARY KEY,
    cursor text NOT NULL DEFAULT '',
    last_run_at timestamptz,
    last_success_at timestamptz,
    problem text,
    records bigint NOT NULL DEFAULT 0,
    refused bigint NOT NULL DEFAULT 0
);
-- What was refused, with its reason and without its values: they may be personal. The newest only.
CREATE TABLE source_refusal (
    source text NOT NULL,
    record text NOT NULL,
    field text NOT NULL,
    reason text NOT NULL,
    times bigint NOT NULL DEFAULT 1,
    at timestamptz NOT NULL,
    PRIMARY KEY (source, record, field)
);
