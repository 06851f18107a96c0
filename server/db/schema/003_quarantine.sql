-- What could not be understood, with the reason, kept so that it can be replayed after a fix.

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The same retained or resent message is one row, however often it comes.
    digest bytea NOT NULL UNIQUE,
    topic text NOT NULL,
    payload bytea NOT NULL,
    payload_bytes bigint NOT NULL,
    message uuid,
    refusal text NOT NULL,
    reason text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    last_received_at timestamptz NOT NULL DEFAULT now(),
    times_received bigint NOT NULL DEFAULT 1,
    replayed_at timestamptz
);
CREATE INDEX quarantine_open ON quarantine (id) WHERE replayed_at IS NULL;
