-- Who serves, where, and with what: units, their counters, and the devices that stand there.

-- A tree with validity dates: a merger closes old units and opens new ones, and history stays.
CREATE TABLE unit (
    id text PRIMARY KEY,
    parent text REFERENCES unit,
    kind text NOT NULL DEFAULT 'unknown',
    name_vi text NOT NULL,
    name_en text NOT NULL,
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to date NOT NULL DEFAULT 'infinity',
    -- Units that a message named first have no administrative record yet.
    registered_by text NOT NULL DEFAULT 'message' CHECK (registered_by IN ('message', 'import')),
    CHECK (parent <> id),
    CHECK (valid_from < valid_to)
);
CREATE INDEX unit_parent ON unit (parent);

-- The last observation stands beside the counter, so that "now" never scans the observations.
CREATE TABLE counter (
    unit text NOT NULL REFERENCES unit,
    id text NOT NULL,
    observation uuid,
    observed_at timestamptz,
    queue_length integer,
    people_present integer,
    PRIMARY KEY (unit, id)
);

-- A device is known by its address. `session` and `offline_session` are UUIDv7: of two, the greater
-- is the newer connection, whatever the order in which news of them arrived.
CREATE TABLE device (
    unit text NOT NULL,
    counter text NOT NULL,
    id text NOT NULL,
    simulated boolean NOT NULL DEFAULT false,
    last_seen timestamptz,
    session uuid,
    offline_session uuid,
    health uuid,
    health_at timestamptz,
    software text NOT NULL DEFAULT '',
    uptime_s double precision,
    outbox_depth bigint,
    outbox_oldest_s double precision,
    camera text,
    fps double precision,
    detector text,
    expression_model text,
    cpu_percent double precision,
    memory_mb double precision,
    disk_free_mb double precision,
    temperature_c double precision,
    config_version bigint,
    problems jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (unit, counter, id),
    FOREIGN KEY (unit, counter) REFERENCES counter (unit, id)
);
