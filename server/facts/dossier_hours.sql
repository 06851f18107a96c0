-- name: totals
-- From the dossiers themselves, by the indexes on when they began and ended: stored totals know days
-- alone. What is still to come today has not happened yet.
WITH moments AS (
    SELECT receiving_unit AS unit, begun_at AS at, 1 AS received, 0 AS done
    FROM dossier
    WHERE begun_at >= %(start)s AND begun_at < least(%(end)s, now())
        AND (%(units)s::text[] IS NULL OR receiving_unit = ANY (%(units)s::text[]))
    UNION ALL
    SELECT resolving_unit, ended_at, 0, 1
    FROM dossier
    WHERE ended_at >= %(start)s AND ended_at < least(%(end)s, now()) AND counted
        AND (%(units)s::text[] IS NULL OR resolving_unit = ANY (%(units)s::text[]))
), hours AS (
    SELECT
        unit, date_trunc(%(step)s::text, local)::date AS step_day,
        extract(hour FROM local)::int AS hour,
        sum(received)::bigint AS received, sum(done)::bigint AS done, max(at) AS newest
    FROM moments
    CROSS JOIN LATERAL (VALUES (at AT TIME ZONE INTERVAL '7 hours')) AS clock (local)
    GROUP BY 1, 2, 3
)
SELECT
    unit, NULL::text, step_day, array_agg(hour), array_agg(received), array_agg(done), max(newest)
FROM hours
GROUP BY 1, 2, 3
