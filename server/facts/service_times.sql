-- name: totals
-- Bins are added here, so that a day's service times are never loaded; as integers, as waits are.
SELECT unit, member, day, array_agg(bin), array_agg(visits), max(newest)
FROM (
    SELECT
        unit,
        CASE %(by)s::text
            WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family
        END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS day,
        bin, sum(visits::integer) AS visits, max(newest) AS newest
    FROM service_time_totals
    WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
        AND (%(family)s::text IS NULL OR family = %(family)s::text)
    GROUP BY 1, 2, 3, 4
    HAVING sum(visits::integer) > 0
) AS bins
GROUP BY 1, 2, 3
