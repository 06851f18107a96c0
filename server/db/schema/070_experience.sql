-- What silent visits are expected to have felt: learnt by the worker from a month of one kind of unit
-- (server/experience), kept as sums that any period adds up. Never read by anything official.

-- What was learnt, a row a kind of unit and month; `visits` and `ratings` are what was counted when it
-- was, by which late messages are noticed. Without `mean` too few rated visits to learn from.
CREATE TABLE experience_model (
    kind text NOT NULL,
    month date NOT NULL,
    visits bigint NOT NULL,
    ratings bigint NOT NULL,
    rated bigint NOT NULL,
    mean double precision,
    mean_variance double precision,
    spread double precision,
    faces text,
    faces_share double precision,
    gain double precision,
    gain_error double precision,
    z double precision,
    fitted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, month)
);

-- A unit's own effect on its silent visits of a month, as a difference of shares.
CREATE TABLE experience_unit (
    unit text NOT NULL,
    month date NOT NULL,
    kind text NOT NULL,
    effect double precision NOT NULL,
    own_variance double precision NOT NULL,
    leaning double precision NOT NULL,
    PRIMARY KEY (unit, month)
);

-- A unit's day, in whole groups of ten visits (decision 0012): a time with a group as its newest
-- visit, sums over silent visits before the unit's effect. Visits that nothing was learnt for are
-- `unlearnt` alone.
CREATE TABLE experience_daily (
    unit text NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    visits bigint NOT NULL,
    rated bigint NOT NULL,
    satisfied bigint NOT NULL,
    expected double precision NOT NULL,
    variance double precision NOT NULL,
    worse double precision NOT NULL,
    better double precision NOT NULL,
    unlearnt bigint NOT NULL,
    newest timestamptz,
    PRIMARY KEY (unit, day)
);
CREATE INDEX experience_daily_day ON experience_daily (day);
