-- name: totals
-- Officers' complete visits beside what others took for the same families at the same hours of the
-- month: an officer's own month is taken out of the norm, wherever it was. Hours in which fewer than
-- ten others were served alike are left out.
WITH cells AS (
    SELECT
        unit, officer, month, step_day, family, hour_of_day, within,
        sum(visits)::double precision AS visits, sum(visits * took_s) AS seconds,
        sum(visits * took_s ^ 2) AS squared, max(newest) AS newest
    FROM (
        SELECT
            unit, officer, family, visits, bin_value(bin) AS took_s, newest,
            date_trunc('month', hour AT TIME ZONE INTERVAL '7 hours')::date AS month,
            date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date AS step_day,
            extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::smallint AS hour_of_day,
            hour >= %(start)s AND hour < %(end)s
            AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[])) AS within
        FROM service_time_hourly
        WHERE hour >= date_trunc('month', %(first_day)s::timestamp) AT TIME ZONE INTERVAL '7 hours'
            AND hour < date_trunc('month', %(end_day)s::timestamp + INTERVAL '1 month - 1 day')
                AT TIME ZONE INTERVAL '7 hours'
            AND officer <> '' AND visits > 0
            -- Whoever served in these units in the period: wherever they did in its months.
            AND (%(units)s::text[] IS NULL OR officer = ANY (ARRAY(
                SELECT DISTINCT officer FROM service_time_hourly
                WHERE unit = ANY (%(units)s::text[]) AND hour >= %(start)s AND hour < %(end)s
            )))
            AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    ) AS hours
    GROUP BY 1, 2, 3, 4, 5, 6, 7
), beside AS (
    SELECT
        *,
        sum(visits) OVER month_of AS own_visits, sum(seconds) OVER month_of AS own_seconds,
        sum(squared) OVER month_of AS own_squared
    FROM cells
    WINDOW month_of AS (PARTITION BY officer, month, family, hour_of_day)
), compared AS (
    SELECT
        beside.unit, beside.officer, beside.step_day, beside.visits, beside.seconds, beside.newest,
        others.visits AS others, others.seconds / others.visits AS mean,
        greatest(0, others.squared / others.visits - (others.seconds / others.visits) ^ 2) AS variance
    FROM beside
    LEFT JOIN LATERAL (
        SELECT
            norm.visits - own_visits AS visits, norm.seconds - own_seconds AS seconds,
            norm.squared - own_squared AS squared
        FROM service_norm AS norm
        WHERE norm.month = beside.month AND norm.family = beside.family
            AND norm.hour = beside.hour_of_day AND norm.visits - own_visits >= 10
    ) AS others ON true
    WHERE within
)
SELECT
    unit, CASE %(by)s::text WHEN 'officer' THEN officer END, step_day, sum(visits)::bigint,
    coalesce(sum(visits) FILTER (WHERE mean > 0), 0)::bigint,
    coalesce(sum(seconds) FILTER (WHERE mean > 0), 0),
    coalesce(sum(visits * mean) FILTER (WHERE mean > 0), 0),
    coalesce(sum(visits * variance + visits ^ 2 * variance / others) FILTER (WHERE mean > 0), 0),
    max(newest)
FROM compared
GROUP BY 1, 2, 3
