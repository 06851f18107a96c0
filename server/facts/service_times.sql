-- name: totals
-- Bins are added here, so that a day's service times are never loaded.
SELECT unit, counter, day, array_agg(bin), array_agg(visits), max(newest)
FROM (
    SELECT
        unit,
        CASE WHEN %(by_counter)s THEN counter END AS counter,
        date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
        bin, sum(visits)::bigint AS visits, max(newest) AS newest
    FROM service_time_hourly
    WHERE hour >= %(start)s AND hour < %(end)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    GROUP BY 1, 2, 3, 4
) AS bins
GROUP BY 1, 2, 3
