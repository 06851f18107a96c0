-- Totals that figures of any period rest on; those that nobody read are gone. Ingest adds to them the
-- rows that were really new, in the transaction that stores them.

-- The bin of a mergeable histogram: ceil(log_γ(value)) with γ = 1.02/0.98, so that a bin's value is
-- within 2 % of each value in it (server/facts/histograms.py); up to one second it is bin 0.
CREATE FUNCTION log_bin(value double precision) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ceil(ln(greatest(value, 1)) / 0.040005334613699206)::smallint;

CREATE TABLE service_time_hourly (
    unit text NOT NULL,
    counter text NOT NULL,
    hour timestamptz NOT NULL,
    bin smallint NOT NULL,
    visits bigint NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, hour, bin)
);
CREATE INDEX service_time_hourly_hour ON service_time_hourly (hour);

INSERT INTO service_time_hourly
SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), log_bin(service_s), count(*), max(observed_at)
FROM visit
WHERE complete
GROUP BY 1, 2, 3, 4;

-- Expressions of a unit's first visits of a local day, in whole groups of ten. Recomputed from the
-- day's visits, for a late one shifts the groups; numeric, because adding floats depends on order.
CREATE TABLE expression_daily (
    unit text NOT NULL,
    day date NOT NULL,
    seen bigint NOT NULL DEFAULT 0,
    visits bigint NOT NULL DEFAULT 0,
    negative numeric NOT NULL DEFAULT 0,
    neutral numeric NOT NULL DEFAULT 0,
    positive numeric NOT NULL DEFAULT 0,
    positive_squared numeric NOT NULL DEFAULT 0,
    newest timestamptz,
    PRIMARY KEY (unit, day)
);
CREATE INDEX expression_daily_day ON expression_daily (day);
DROP INDEX visit_time;
DROP INDEX visit_expression;
CREATE INDEX visit_expression ON visit (unit, observed_at)
    INCLUDE (id, negative, neutral, positive) WHERE readings IS NOT NULL;

INSERT INTO expression_daily
SELECT
    unit, day, min(visits), count(*) FILTER (WHERE told),
    coalesce(sum(negative) FILTER (WHERE told), 0), coalesce(sum(neutral) FILTER (WHERE told), 0),
    coalesce(sum(positive) FILTER (WHERE told), 0),
    coalesce(sum(positive * positive) FILTER (WHERE told), 0),
    max(observed_at) FILTER (WHERE told)
FROM (
    SELECT
        unit, day, observed_at, visits, place <= visits - visits % 10 AS told,
        round(negative::numeric, 6) AS negative, round(neutral::numeric, 6) AS neutral,
        round(positive::numeric, 6) AS positive
    FROM (
        SELECT
            *, row_number() OVER (PARTITION BY unit, day ORDER BY observed_at, id) AS place,
            count(*) OVER (PARTITION BY unit, day) AS visits
        FROM (
            SELECT *, (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day
            FROM visit
            WHERE readings IS NOT NULL
        ) AS seen
    ) AS placed
) AS grouped
GROUP BY unit, day;

-- When a counter last sent anything, and when its camera last counted anybody or nobody: it tells
-- a zero from a figure that nobody could have seen.
CREATE TABLE presence_hourly (
    unit text NOT NULL,
    counter text NOT NULL,
    hour timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    last_counted timestamptz,
    PRIMARY KEY (unit, counter, hour)
);
CREATE INDEX presence_hourly_hour ON presence_hourly (hour);

INSERT INTO presence_hourly
SELECT unit, counter, hour, max(last_seen), max(last_counted)
FROM (
    SELECT unit, counter, hour, newest AS last_seen, newest_count AS last_counted FROM observation_hourly
    UNION ALL
    SELECT unit, counter, hour, newest, NULL FROM rating_hourly
    UNION ALL
    SELECT unit, counter, hour, newest, NULL FROM visit_hourly
    UNION ALL
    SELECT unit, counter, date_trunc('hour', last_seen, 'UTC'), last_seen, NULL
    FROM device
    WHERE last_seen IS NOT NULL
) AS totals
GROUP BY 1, 2, 3;

DROP TABLE observation_hourly;
ALTER TABLE visit_hourly
    DROP COLUMN complete_visits,
    DROP COLUMN service_s,
    DROP COLUMN waited_visits,
    DROP COLUMN wait_s,
    DROP COLUMN expression_visits,
    DROP COLUMN negative,
    DROP COLUMN neutral,
    DROP COLUMN positive,
    DROP COLUMN positive_squared,
    DROP COLUMN newest_expression;

ALTER TABLE counter DROP COLUMN people_present;
