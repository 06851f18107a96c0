-- Reports that were asked for, with their files for a week, and what identifies every file that was issued.

CREATE TABLE report (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    asked_at timestamptz NOT NULL DEFAULT now(),
    -- Who asked: a name of an account, key or of the calendar.
    asked_by text NOT NULL,
    asked_kind text NOT NULL,
    kind text NOT NULL,
    period text NOT NULL,
    -- The question's other texts; whose report it is stands apart, as in every table about officers.
    question jsonb NOT NULL,
    unit text,
    officer text,
    format text NOT NULL CHECK (format IN ('xlsx', 'pdf', 'csv', 'json')),
    -- Of which units' officers whoever asked may know when they asked; * for all.
    officers_seen text NOT NULL DEFAULT '',
    staff_seen text NOT NULL DEFAULT '',
    -- Whether whoever asked is that officer.
    own boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'making', 'ready', 'failed')),
    progress real NOT NULL DEFAULT 0,
    touched_at timestamptz NOT NULL DEFAULT now(),
    problem text,
    name text,
    digest text,
    bytes bigint,
    ready_at timestamptz
);
CREATE INDEX report_asked ON report (asked_at);

CREATE TABLE report_file (
    report uuid PRIMARY KEY REFERENCES report ON DELETE CASCADE,
    content bytea NOT NULL
);

-- What was ever issued, so that a file can be told from a forged one for as long as it lasts. Of the content
-- digests alone are kept: of the file, of its content, and of each row, so that it can be said which changed.
CREATE TABLE report_issue (
    file_digest text PRIMARY KEY,
    digest text NOT NULL,
    issued_at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,
    period text NOT NULL,
    question jsonb NOT NULL,
    unit text,
    officer text,
    format text NOT NULL,
    officers_seen text NOT NULL DEFAULT '',
    staff_seen text NOT NULL DEFAULT '',
    -- Whether whoever asked is that officer.
    own boolean NOT NULL DEFAULT false,
    edition text,
    draft boolean NOT NULL,
    row_digests jsonb NOT NULL
);
CREATE INDEX report_issue_digest ON report_issue (digest);

-- The role that reads figures sees none of them: routes read them for themselves, and check.
ALTER TABLE report ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_issue ENABLE ROW LEVEL SECURITY;
CREATE POLICY asked ON report FOR INSERT TO motcua_writer WITH CHECK (state = 'waiting' AND digest IS NULL);
CREATE POLICY known ON report FOR SELECT TO motcua_writer USING (true);
CREATE POLICY known ON report_issue FOR SELECT TO motcua_writer USING (true);

-- Whoever asks may not write to the queue: its owner does, in the transaction of the question.
CREATE FUNCTION defer_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args)
    VALUES ('reports', 'reports.make', 'reports.make ' || NEW.id, jsonb_build_object('report', NEW.id));
    RETURN NULL;
END
$$;
CREATE TRIGGER defer_report AFTER INSERT ON report FOR EACH ROW EXECUTE FUNCTION defer_report();
