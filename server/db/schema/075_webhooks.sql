-- Receivers that are told of figures as they change. What a receiver has not been told yet is what is newer
-- than its `sent_revision`: figures are kept once, whoever waits for them, and a receiver that was away for
-- a day gets the newest of each scope, not a day of old ones.

CREATE SEQUENCE webhook_revision;

CREATE TABLE webhook (
    id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    address text NOT NULL,
    scope text NOT NULL,
    -- Signing needs the secret itself, not a digest of it. The former one signs beside it until its end.
    secret text NOT NULL,
    former_secret text,
    former_ends_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz,
    sent_revision bigint NOT NULL DEFAULT 0,
    delivered bigint NOT NULL DEFAULT 0,
    delivered_at timestamptz,
    problem text
);

CREATE TABLE webhook_figures (
    scope text PRIMARY KEY,
    revision bigint NOT NULL,
    computed_at timestamptz NOT NULL,
    readings text NOT NULL
);
CREATE INDEX webhook_figures_revision ON webhook_figures (revision);

-- A message keeps its bytes, for it is sent again as it was. One at a time is open for each receiver, so
-- that what it gets is in order; what was given up is dead until somebody sends it again or removes it.
CREATE TABLE webhook_message (
    id uuid PRIMARY KEY,
    webhook uuid NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
    body text NOT NULL,
    up_to bigint NOT NULL,
    created_at timestamptz NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    attempted_at timestamptz,
    problem text,
    dead_at timestamptz
);
CREATE UNIQUE INDEX webhook_message_open ON webhook_message (webhook) WHERE dead_at IS NULL;
CREATE INDEX webhook_message_dead ON webhook_message (webhook, dead_at) WHERE dead_at IS NOT NULL;
