-- What happened: one table per stream. `(id, observed_at)` is the identity of a message, and holds
-- the time because a unique index on a hypertable must. No foreign keys: each row's unit, counter
-- and device are registered in the same transaction, and checking them again would cost a third.

CREATE TABLE observation (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    window_s double precision NOT NULL,
    frames integer NOT NULL,
    fps double precision NOT NULL,
    queue_length integer,
    people_present integer,
    faces bigint,
    readings bigint,
    negative double precision,
    neutral double precision,
    positive double precision,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX observation_place ON observation (unit, counter, observed_at DESC);

CREATE TABLE visit (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    started_at timestamptz NOT NULL,
    service_s double precision NOT NULL,
    wait_s double precision,
    faces bigint,
    readings bigint,
    negative double precision,
    neutral double precision,
    positive double precision,
    expression_change double precision,
    complete boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX visit_time ON visit (observed_at) INCLUDE (unit, service_s) WHERE complete;
CREATE INDEX visit_expression ON visit (observed_at)
    INCLUDE (unit, id, negative, neutral, positive) WHERE readings IS NOT NULL;

CREATE TABLE wait (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    started_at timestamptz NOT NULL,
    wait_s double precision NOT NULL,
    outcome text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX wait_place ON wait (unit, counter, observed_at DESC);

-- A row with `amends` only brings reasons to an earlier rating and is never counted.
CREATE TABLE rating (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    score smallint NOT NULL CHECK (score BETWEEN 1 AND 5),
    source text NOT NULL,
    language text NOT NULL,
    amends uuid,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX rating_place ON rating (unit, counter, observed_at DESC);

-- `rating` is the id of the rating itself, also where an amendment brought the reason.
CREATE TABLE rating_reason (
    rating uuid NOT NULL,
    reason text NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    PRIMARY KEY (rating, reason)
);
CREATE INDEX rating_reason_place ON rating_reason (unit, counter, observed_at DESC);

CREATE TABLE ticket (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    number text NOT NULL,
    event text NOT NULL,
    service text,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX ticket_place ON ticket (unit, counter, observed_at DESC);

CREATE TABLE health (
    id uuid NOT NULL,
    observed_at timestamptz NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    device text NOT NULL,
    seq bigint NOT NULL,
    status text NOT NULL,
    session uuid NOT NULL,
    software text NOT NULL,
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
    problems jsonb NOT NULL,
    simulated boolean NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id, observed_at)
);
CREATE INDEX health_place ON health (unit, counter, device, observed_at DESC);
