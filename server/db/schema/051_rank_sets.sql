-- Confidence sets for ranks, which take seconds to compute: by the worker, for periods that are over.
-- A set counts as long as its member's n and k are still those from which it was computed.
CREATE TABLE rank_set (
    kpi text NOT NULL,
    period text NOT NULL,
    kind text NOT NULL,
    unit text NOT NULL,
    n bigint NOT NULL,
    k bigint NOT NULL,
    low integer NOT NULL,
    high integer NOT NULL,
    computed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kpi, period, unit)
);
