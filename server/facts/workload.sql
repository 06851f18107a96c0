-- name: totals
-- Dossiers that units received beside the officers who had a post there, each for the days of it
-- within the period until today. What a decision asks for depends on the kind of unit.
WITH steps AS (
    SELECT
        day AS step_day, greatest(coalesce(day, %(first_day)s::date), %(first_day)s::date) AS begins,
        least(%(end_day)s::date, today + 1, coalesce((day + length)::date, %(end_day)s::date)) AS ends
    FROM (SELECT (least(now(), known_at()) AT TIME ZONE INTERVAL '7 hours')::date AS today) AS clock
    CROSS JOIN (
        SELECT NULL::date AS day, NULL::interval AS length WHERE %(step)s::text IS NULL
        UNION ALL
        SELECT series::date, length
        FROM (
            SELECT CASE %(step)s::text
                WHEN 'quarter' THEN INTERVAL '3 months' ELSE ('1 ' || %(step)s::text)::interval
            END AS length
        ) AS lengths
        CROSS JOIN generate_series(
            date_trunc(%(step)s::text, %(first_day)s::timestamp), %(end_day)s::timestamp - INTERVAL '1 day',
            length
        ) AS series
    ) AS days
), months AS MATERIALIZED (
    SELECT least(
        %(months_to)s::date,
        greatest(
            %(months_from)s::date,
            date_trunc('month', (least(now(), known_at()) AT TIME ZONE INTERVAL '7 hours')::timestamp)::date
        )
    ) AS months_to
), posts AS (
    SELECT
        unit, step_day,
        sum(least(valid_to, ends) - greatest(valid_from, begins))::bigint AS officer_days
    FROM post_days
    JOIN steps ON valid_from < ends AND valid_to > begins AND begins < ends
    WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[])
    GROUP BY 1, 2
), dossiers AS (
    SELECT unit, step_day, sum(received)::bigint AS received, max(newest) AS newest
    FROM (
        -- Whole months that are over, and the days around them.
        SELECT unit, day, received, newest
        FROM months
        JOIN dossier_total ON day >= %(months_from)s::date AND day < months_to
        WHERE %(level)s::text <> 'raw' AND level = 'whole' AND role = 'receiving'
        UNION ALL
        SELECT unit, day, received, newest
        FROM months
        CROSS JOIN LATERAL (
            VALUES (%(first_day)s::date, %(months_from)s::date), (months_to, %(end_day)s::date)
        ) AS around (begins, ends)
        JOIN dossier_total ON day >= around.begins AND day < around.ends
        WHERE %(level)s::text <> 'raw' AND level = 'day' AND role = 'receiving'
        UNION ALL
        SELECT unit, day, received, newest
        FROM dossier_flow_known
        WHERE %(level)s::text = 'raw' AND role = 'receiving' AND received > 0
    ) AS flows
    JOIN steps ON day >= begins AND day < ends
    WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[])
    GROUP BY 1, 2
)
SELECT
    posts.unit, NULL::text, posts.step_day, coalesce(received, 0), officer_days, aim.value, newest
FROM posts
LEFT JOIN dossiers ON dossiers.unit = posts.unit
    AND dossiers.step_day IS NOT DISTINCT FROM posts.step_day
LEFT JOIN unit ON unit.id = posts.unit
LEFT JOIN LATERAL (
    SELECT value FROM target
    WHERE kpi = 'dossiers_per_officer' AND (target.kind IS NULL OR target.kind = unit.kind)
        AND target.valid_from < %(end_day)s::date AND %(end_day)s::date <= target.valid_to
    ORDER BY target.kind NULLS LAST
    LIMIT 1
) AS aim ON true
