-- name: totals
-- From the hourly totals. A camera that is away sends windows without a count, which do not stand
-- in presence_hourly.last_counted.
SELECT
    unit,
    CASE WHEN %(by_counter)s THEN counter END,
    date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date,
    sum(visits)::bigint, max(newest), max(last_counted)
FROM (
    SELECT unit, counter, hour, visits, newest, NULL::timestamptz AS last_counted
    FROM visit_hourly
    UNION ALL
    SELECT unit, counter, hour, 0, NULL, last_counted
    FROM presence_hourly
    WHERE last_counted IS NOT NULL
) AS hours
WHERE hour >= %(start)s AND hour < %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
