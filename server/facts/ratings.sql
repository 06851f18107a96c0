-- name: totals
-- From the hourly totals: the same cost at noon of a busy day as in the morning.
SELECT
    unit,
    CASE WHEN %(by_counter)s THEN counter END,
    date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date,
    sum(score_1)::bigint, sum(score_2)::bigint, sum(score_3)::bigint, sum(score_4)::bigint,
    sum(score_5)::bigint, max(newest), max(last_seen)
FROM (
    SELECT
        unit, counter, hour, score_1, score_2, score_3, score_4, score_5, newest,
        NULL::timestamptz AS last_seen
    FROM rating_hourly
    UNION ALL
    SELECT unit, counter, hour, 0, 0, 0, 0, 0, NULL, last_seen
    FROM presence_hourly
) AS hours
WHERE hour >= %(start)s AND hour < %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
