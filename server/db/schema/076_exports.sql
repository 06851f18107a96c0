-- Files for analysts, written by the worker and kept for a week. They are in the database, for the API
-- that offers them and the worker that writes them need share no folder.
CREATE TABLE export (
    id uuid PRIMARY KEY,
    dataset text NOT NULL,
    format text NOT NULL,
    scope text NOT NULL,
    period text NOT NULL,
    step text NOT NULL,
    language text NOT NULL,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now(),
    begun_at timestamptz,
    finished_at timestamptz,
    entries bigint,
    bytes bigint,
    digest text,
    problem text
);
CREATE INDEX export_waiting ON export (asked_at) WHERE finished_at IS NULL;

CREATE TABLE export_part (
    export uuid NOT NULL REFERENCES export ON DELETE CASCADE,
    number integer NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (export, number)
);
-- They are compressed already.
ALTER TABLE export_part ALTER COLUMN content SET STORAGE EXTERNAL;
