-- A wrong clock costs no data, and what has left leaves the screens.

-- `last_seen` of a device, `observed_at` of a counter and `health_at` are times of the server's clock
-- from now on: what the device stamped, corrected by the measured offset, at the latest the receipt.
ALTER TABLE device
    -- The server's time less the device's, so a device that is behind has a positive one.
    ADD COLUMN clock_offset_s double precision,
    ADD COLUMN clock_synchronised boolean,
    -- The connection before `session`, which is that of the newest heartbeat.
    ADD COLUMN superseded_session uuid,
    -- Addresses of two units that both say that they are this device; NULL while there is one.
    ADD COLUMN shared_by text[],
    ADD COLUMN retired_at timestamptz,
    -- What had been heard at that time: anything newer brings the device back.
    ADD COLUMN retired_seen timestamptz,
    ADD COLUMN retained_cleared boolean NOT NULL DEFAULT true;
ALTER TABLE health ADD COLUMN clock_synchronised boolean;

-- Whose observation stands there: a retired device's is not counted.
ALTER TABLE counter ADD COLUMN observed_by text;

-- Units that only a message named are shown once somebody has accepted them; those of before were.
ALTER TABLE unit ADD COLUMN accepted boolean NOT NULL DEFAULT false;
UPDATE unit SET accepted = true;

-- Refused for their time while nothing told whose clock was wrong. Not acknowledged, and tried again
-- for a day; then they go to quarantine.
CREATE TABLE held_message (
    digest bytea PRIMARY KEY,
    topic text NOT NULL,
    payload bytea NOT NULL,
    message uuid,
    refusal text NOT NULL,
    reason text NOT NULL,
    received_at timestamptz NOT NULL,
    last_received_at timestamptz NOT NULL,
    times_received bigint NOT NULL DEFAULT 1
);

-- Whether devices had confirmed the server's clock when a message was refused for its time: only
-- then a replay counts from the receipt.
ALTER TABLE quarantine ADD COLUMN clock_confirmed boolean NOT NULL DEFAULT false;

-- What ingest found of its own clock; one row.
CREATE TABLE server_clock (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    state text NOT NULL CHECK (state IN ('unknown', 'confirmed', 'suspect')),
    offset_s double precision,
    devices integer NOT NULL,
    database_offset_s double precision,
    since timestamptz NOT NULL,
    measured_at timestamptz NOT NULL
);
