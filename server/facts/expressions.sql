-- name: totals
-- From the daily totals, which hold whole groups of visits only.
SELECT
    unit,
    NULL::text,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(seen)::bigint, sum(visits)::bigint, sum(negative)::double precision,
    sum(neutral)::double precision, sum(positive)::double precision,
    sum(positive_squared)::double precision, max(newest)
FROM expression_daily
WHERE day >= %(first_day)s AND day < %(end_day)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
GROUP BY 1, 2, 3
