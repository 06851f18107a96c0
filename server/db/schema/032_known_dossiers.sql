-- Dossiers and complaints as they were known at an earlier time: a row that is replaced is kept with the
-- time for which it held, so that a figure as of a day's end can be told again.

-- Since when the row is known as it is; of rows older than this migration since they were stored.
ALTER TABLE dossier ADD COLUMN known_from timestamptz;
ALTER TABLE dossier ALTER COLUMN known_from SET DEFAULT statement_timestamp();
ALTER TABLE complaint ADD COLUMN known_from timestamptz;
ALTER TABLE complaint ALTER COLUMN known_from SET DEFAULT statement_timestamp();

-- What figures are made of, and nothing else.
CREATE TABLE dossier_past (
    code text NOT NULL,
    known_from timestamptz NOT NULL,
    known_until timestamptz NOT NULL,
    procedure text NOT NULL,
    receiving_unit text NOT NULL,
    resolving_unit text NOT NULL,
    area_unit text,
    channel text NOT NULL,
    officer text,
    fee_due boolean,
    paid_online boolean,
    digitised boolean,
    result_digitised boolean,
    data_reused boolean,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz,
    ended_by text,
    counted boolean NOT NULL,
    overdue_at timestamptz,
    timeliness text,
    days double precision,
    requests smallint NOT NULL,
    apologised_at timestamptz,
    score smallint,
    PRIMARY KEY (code, known_from)
);
CREATE INDEX dossier_past_until ON dossier_past (known_until);

CREATE TABLE complaint_past (
    id text NOT NULL,
    known_from timestamptz NOT NULL,
    known_until timestamptz NOT NULL,
    unit text NOT NULL,
    procedure text,
    officer text,
    received_at timestamptz NOT NULL,
    resolved_at timestamptz,
    published_at timestamptz,
    satisfied boolean,
    publish_due timestamptz,
    ended_at timestamptz,
    overdue_at timestamptz,
    in_time boolean,
    PRIMARY KEY (id, known_from)
);
CREATE INDEX complaint_past_until ON complaint_past (known_until);

-- Nobody reads or writes them but their owner, for whom triggers and views work.
ALTER TABLE dossier_past ENABLE ROW LEVEL SECURITY;
ALTER TABLE complaint_past ENABLE ROW LEVEL SECURITY;

-- The time of the statement, not of the transaction: writers wait for each other before it, so that it
-- never runs back.
CREATE FUNCTION keep_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO dossier_past VALUES (
        OLD.code, coalesce(OLD.known_from, OLD.stored_at), statement_timestamp(), OLD.procedure,
        OLD.receiving_unit, OLD.resolving_unit, OLD.area_unit, OLD.channel, OLD.officer, OLD.fee_due,
        OLD.paid_online, OLD.digitised, OLD.result_digitised, OLD.data_reused, OLD.begun_at,
        OLD.ended_at, OLD.ended_by, OLD.counted, OLD.overdue_at, OLD.timeliness, OLD.days,
        OLD.requests, OLD.apologised_at, OLD.score
    ) ON CONFLICT DO NOTHING; -- replaced twice by one statement: it held for no time
    NEW.known_from := statement_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON dossier
    FOR EACH ROW
    WHEN ((
        OLD.procedure, OLD.receiving_unit, OLD.resolving_unit, OLD.area_unit, OLD.channel, OLD.officer,
        OLD.fee_due, OLD.paid_online, OLD.digitised, OLD.result_digitised, OLD.data_reused,
        OLD.begun_at, OLD.ended_at, OLD.ended_by, OLD.counted, OLD.overdue_at, OLD.timeliness,
        OLD.days, OLD.requests, OLD.apologised_at, OLD.score
    ) IS DISTINCT FROM (
        NEW.procedure, NEW.receiving_unit, NEW.resolving_unit, NEW.area_unit, NEW.channel, NEW.officer,
        NEW.fee_due, NEW.paid_online, NEW.digitised, NEW.result_digitised, NEW.data_reused,
        NEW.begun_at, NEW.ended_at, NEW.ended_by, NEW.counted, NEW.overdue_at, NEW.timeliness,
        NEW.days, NEW.requests, NEW.apologised_at, NEW.score
    ))
    EXECUTE FUNCTION keep_dossier();

CREATE FUNCTION keep_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO complaint_past VALUES (
        OLD.id, coalesce(OLD.known_from, OLD.stored_at), statement_timestamp(), OLD.unit,
        OLD.procedure, OLD.officer, OLD.received_at, OLD.resolved_at, OLD.published_at, OLD.satisfied,
        OLD.publish_due, OLD.ended_at, OLD.overdue_at, OLD.in_time
    ) ON CONFLICT DO NOTHING;
    NEW.known_from := statement_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER keep BEFORE UPDATE ON complaint
    FOR EACH ROW
    WHEN ((
        OLD.unit, OLD.procedure, OLD.officer, OLD.received_at, OLD.resolved_at, OLD.published_at,
        OLD.satisfied, OLD.publish_due, OLD.ended_at, OLD.overdue_at, OLD.in_time
    ) IS DISTINCT FROM (
        NEW.unit, NEW.procedure, NEW.officer, NEW.received_at, NEW.resolved_at, NEW.published_at,
        NEW.satisfied, NEW.publish_due, NEW.ended_at, NEW.overdue_at, NEW.in_time
    ))
    EXECUTE FUNCTION keep_complaint();

-- Whoever removes a dossier or a complaint removes what was known of it.
CREATE FUNCTION forget_dossier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM dossier_past WHERE code = OLD.code;
    RETURN NULL;
END $$;
CREATE TRIGGER forget AFTER DELETE ON dossier FOR EACH ROW EXECUTE FUNCTION forget_dossier();
CREATE FUNCTION forget_complaint() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM complaint_past WHERE id = OLD.id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget AFTER DELETE ON complaint FOR EACH ROW EXECUTE FUNCTION forget_complaint();

-- As known at the instant that a transaction has set (known_at), or now.
CREATE VIEW dossier_known AS
SELECT
    code, procedure, receiving_unit, resolving_unit, area_unit, channel, officer, fee_due, paid_online,
    digitised, result_digitised, data_reused, begun_at, ended_at, ended_by, counted, overdue_at,
    timeliness, days, requests, apologised_at, score
FROM dossier
WHERE coalesce(known_from, stored_at) <= known_at()
UNION ALL
SELECT
    code, procedure, receiving_unit, resolving_unit, area_unit, channel, officer, fee_due, paid_online,
    digitised, result_digitised, data_reused, begun_at, ended_at, ended_by, counted, overdue_at,
    timeliness, days, requests, apologised_at, score
FROM dossier_past
WHERE known_from <= known_at() AND known_until > known_at();

CREATE VIEW complaint_known AS
SELECT
    id, unit, procedure, officer, received_at, resolved_at, published_at, satisfied, publish_due,
    ended_at, overdue_at, in_time
FROM complaint
WHERE coalesce(known_from, stored_at) <= known_at()
UNION ALL
SELECT
    id, unit, procedure, officer, received_at, resolved_at, published_at, satisfied, publish_due,
    ended_at, overdue_at, in_time
FROM complaint_past
WHERE known_from <= known_at() AND known_until > known_at();

DO $$
BEGIN
    EXECUTE 'CREATE VIEW dossier_flow_known AS '
        || dossier_flow_query('SELECT 1 AS sign, * FROM dossier_known');
    EXECUTE 'CREATE VIEW dossier_duration_known AS '
        || dossier_duration_query('SELECT 1 AS sign, * FROM dossier_known');
END $$;
