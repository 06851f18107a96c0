-- name: horizon
-- Before it raw rows are gone, and totals cannot be compared.
SELECT kept_from FROM raw_horizon

-- name: days
-- The local days that have totals or raw rows.
SELECT DISTINCT day
FROM (
    SELECT day FROM visit_totals WHERE level = 'day'
    UNION ALL SELECT day FROM rating_totals WHERE level = 'day'
    UNION ALL SELECT day FROM wait_totals WHERE level = 'day'
    UNION ALL SELECT day FROM prompt_totals WHERE level = 'day'
    UNION ALL SELECT DISTINCT (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM visit
    UNION ALL SELECT DISTINCT (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM rating
    UNION ALL SELECT DISTINCT (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM wait
    UNION ALL SELECT DISTINCT (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM prompt
) AS days
ORDER BY day

-- name: hours
-- The hours of one day that have totals or raw rows.
SELECT DISTINCT unit, counter, hour
FROM (
    SELECT unit, counter, hour FROM visit_hourly
    UNION ALL SELECT unit, counter, hour FROM service_time_hourly
    UNION ALL SELECT unit, counter, hour FROM wait_hourly
    UNION ALL SELECT unit, counter, hour FROM rating_hourly
    UNION ALL SELECT unit, counter, hour FROM prompt_hourly
    UNION ALL SELECT unit, counter, date_trunc('hour', observed_at, 'UTC') FROM visit
        WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL SELECT unit, counter, date_trunc('hour', observed_at, 'UTC') FROM rating
        WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL SELECT unit, counter, date_trunc('hour', observed_at, 'UTC') FROM wait
        WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL SELECT unit, counter, date_trunc('hour', observed_at, 'UTC') FROM prompt
        WHERE observed_at >= %(start)s AND observed_at < %(end)s
) AS hours
WHERE hour >= %(start)s AND hour < %(end)s

-- name: different_hours
-- Rows that are stored and not counted, and rows that are counted and not stored.
SELECT hourly_total.name, hour.*
FROM hourly_total
CROSS JOIN LATERAL hours_that_differ(
    hourly_total, %(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]
) AS hour

-- name: different_levels
-- Days and months that are not the sums of their hours.
SELECT hourly_total.name, level, unit, counter, day, stored, counted
FROM hourly_total CROSS JOIN LATERAL levels_that_differ(hourly_total)
UNION ALL
SELECT 'unattributed', level, unit, counter, day, stored, counted FROM unattributed_that_differ()

-- name: roll_up_anew
-- All of them: which sums are wrong is known, but summing anew costs seconds.
SELECT roll_up_anew(hourly_total) FROM hourly_total

-- name: count_unattributed_anew
-- With them the days and months of linked ratings.
SELECT count_unattributed_anew()

-- name: different_expressions
-- Units whose expressions of one day are not those of the day's visits.
WITH wanted AS (
    SELECT DISTINCT unit, %(day)s::date AS day
    FROM (
        SELECT unit FROM expression_daily WHERE day = %(day)s
        UNION ALL
        SELECT unit FROM visit
        WHERE observed_at >= %(start)s AND observed_at < %(end)s AND readings IS NOT NULL
    ) AS units
), stored AS (
    SELECT expression_daily.* FROM expression_daily JOIN wanted USING (unit, day) WHERE seen > 0
), counted AS (
    SELECT * FROM expression_counts(
        (SELECT array_agg(unit) FROM wanted), (SELECT array_agg(day) FROM wanted)
    )
)
SELECT unit, '', NULL, to_jsonb(stored), NULL FROM (TABLE stored EXCEPT TABLE counted) AS stored
UNION ALL
SELECT unit, '', NULL, NULL, to_jsonb(counted) FROM (TABLE counted EXCEPT TABLE stored) AS counted

-- name: recount_expressions
-- Whole days of units, as ingest does.
INSERT INTO expression_daily AS known
SELECT * FROM expression_counts(%(unit)s::text[], %(days)s::date[])
ON CONFLICT (unit, day) DO UPDATE SET
    seen = EXCLUDED.seen, visits = EXCLUDED.visits, negative = EXCLUDED.negative,
    neutral = EXCLUDED.neutral, positive = EXCLUDED.positive,
    positive_squared = EXCLUDED.positive_squared, newest = EXCLUDED.newest
