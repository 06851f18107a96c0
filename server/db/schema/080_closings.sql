-- Closed periods: what was told of a month, quarter or year when it was closed, signed, and each version of it
-- since. Rows are only added. `number` orders all of them: `seal` holds the one before, and so the chain.

-- Public keys that closings are signed with. The first hands over to the second, and so on: `signature` is
-- by the key before; without one that key was lost, and `reason` says how.
CREATE TABLE closing_key (
    number bigint PRIMARY KEY,
    fingerprint text NOT NULL UNIQUE,
    public_key bytea NOT NULL,
    since timestamptz NOT NULL,
    signature bytea,
    reason text NOT NULL DEFAULT ''
);

CREATE TABLE closing (
    number bigint PRIMARY KEY,
    period text NOT NULL,
    first_day date NOT NULL,
    end_day date NOT NULL,
    version integer NOT NULL,
    -- When it was made, and until when what had been received counts.
    closed_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    closed_by text NOT NULL,
    -- Of a restatement why, and what changed; both JSON, and both in the document as well.
    cause jsonb NOT NULL DEFAULT '{}',
    changes jsonb NOT NULL DEFAULT '[]',
    -- Canonical JSON (decision 0048), compressed by zlib, and its SHA-256 before that.
    document bytea NOT NULL,
    digest bytea NOT NULL,
    -- The link of the audit log that was the newest; none in a log without any.
    link_number bigint,
    link bytea,
    -- SHA-256 of everything above and of the seal before it, and the signature of that.
    previous bytea NOT NULL,
    seal bytea NOT NULL,
    key text NOT NULL REFERENCES closing_key (fingerprint),
    signature bytea NOT NULL,
    UNIQUE (period, version),
    CHECK (first_day < end_day)
);
ALTER TABLE closing ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE INDEX closing_days ON closing (first_day, end_day);

CREATE TRIGGER closing_stays
    BEFORE UPDATE OR DELETE OR TRUNCATE ON closing
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closing_key_stays
    BEFORE UPDATE OR DELETE OR TRUNCATE ON closing_key
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Until when the worker has looked for what changes a version's figures.
CREATE TABLE closing_checked (
    number bigint PRIMARY KEY REFERENCES closing,
    until timestamptz NOT NULL
);

-- What was asked for over the API and is done by the worker, which has the key.
CREATE TABLE closing_request (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period text NOT NULL,
    despite boolean NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    -- Why it was not closed; nothing where it was.
    problem text
);
CREATE UNIQUE INDEX closing_request_waits ON closing_request (period) WHERE done_at IS NULL;

-- The API's roles read closings and keys, and write none: the worker does.
ALTER TABLE closing ENABLE ROW LEVEL SECURITY;
ALTER TABLE closing_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE closing_checked ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON closing FOR SELECT TO motcua_reader, motcua_writer USING (true);
CREATE POLICY seen ON closing_key FOR SELECT TO motcua_reader, motcua_writer USING (true);

-- Months of which something was learnt, whatever it was, and when.
CREATE VIEW learnt_month AS SELECT month, fitted_at AS learnt_at FROM experience_model;
