-- The daily brief by e-mail: who gets it, and each morning's messages.
CREATE TABLE brief_subscriber (
    address text PRIMARY KEY,
    scope text NOT NULL,
    language text NOT NULL,
    -- Who asked for it; none for a command on the server. It ends with the account.
    account text,
    since timestamptz NOT NULL
);

-- Written once a morning: however often a message has to be sent, it says the same under the same id.
CREATE TABLE brief_mail (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    day date NOT NULL,
    address text NOT NULL,
    language text NOT NULL,
    message_id text NOT NULL UNIQUE,
    subject text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    problem text,
    sent_at timestamptz,
    UNIQUE (day, address)
);
CREATE INDEX brief_mail_waiting ON brief_mail (next_at) WHERE state = 'waiting';
ALTER TABLE brief_mail ENABLE ROW LEVEL SECURITY;
