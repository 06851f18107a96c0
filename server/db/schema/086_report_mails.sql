-- Reports that are sent by e-mail on a calendar. A row stands for one message to one address: it is made once
-- a period, and its `message_id` stays the same however often it has to be sent.

CREATE TABLE report_mail (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    period text NOT NULL,
    address text NOT NULL,
    report uuid REFERENCES report,
    message_id text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    problem text,
    sent_at timestamptz,
    UNIQUE (period, address)
);
CREATE INDEX report_mail_waiting ON report_mail (next_at) WHERE state = 'waiting';
ALTER TABLE report_mail ENABLE ROW LEVEL SECURITY;
