-- name: totals
-- Bins are added here; the counts within the targets are exact. As integers, of which PostgreSQL adds
-- the sums as bigint: sums of bigint are numeric and take three times as long.
SELECT
    unit, member, day, array_agg(bin), array_agg(served), sum(within_15)::bigint,
    sum(within_30)::bigint, sum(abandoned)::bigint, max(newest)
FROM (
    SELECT
        unit,
        CASE %(by)s::text
            WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family
        END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS day,
        bin, sum(served::integer) AS served, sum(within_15::integer) AS within_15,
        sum(within_30::integer) AS within_30, sum(abandoned::integer) AS abandoned,
        max(newest) AS newest
    FROM wait_totals
    WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
        AND (%(family)s::text IS NULL OR family = %(family)s::text)
    GROUP BY 1, 2, 3, 4
) AS bins
GROUP BY 1, 2, 3
