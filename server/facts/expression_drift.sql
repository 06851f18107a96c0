-- name: totals
-- Of each step the days within the period, and the ninety days before them.
WITH span AS (
    SELECT
        date_trunc(%(step)s::text, day)::date AS step_day, min(day)::date AS first_day,
        max(day)::date AS last_day
    FROM generate_series(
        %(first_day)s::timestamp, %(end_day)s::timestamp - INTERVAL '1 day', INTERVAL '1 day'
    ) AS day
    GROUP BY 1
), sums AS (
    SELECT
        unit, step_day, day >= first_day AS within, sum(visits) AS visits,
        sum(negative) AS negative, sum(neutral) AS neutral, sum(positive) AS positive,
        max(newest) AS newest
    FROM span
    JOIN expression_daily ON day >= first_day - 90 AND day <= last_day
    WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[])
    GROUP BY 1, 2, 3
)
SELECT
    unit, NULL::text, step_day,
    coalesce(sum(visits) FILTER (WHERE within), 0)::bigint,
    coalesce(sum(negative) FILTER (WHERE within), 0)::double precision,
    coalesce(sum(neutral) FILTER (WHERE within), 0)::double precision,
    coalesce(sum(positive) FILTER (WHERE within), 0)::double precision,
    coalesce(sum(visits) FILTER (WHERE NOT within), 0)::bigint,
    coalesce(sum(negative) FILTER (WHERE NOT within), 0)::double precision,
    coalesce(sum(neutral) FILTER (WHERE NOT within), 0)::double precision,
    coalesce(sum(positive) FILTER (WHERE NOT within), 0)::double precision,
    max(newest) FILTER (WHERE within)
FROM sums
GROUP BY 1, 2, 3
