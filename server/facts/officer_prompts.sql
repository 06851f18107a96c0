-- name: totals
-- Visits while officers were on duty: those that waited or lasted long, and all others, each with how
-- many were asked for a rating. A request belongs to the visit that it names, else to the one that
-- ended last at its counter within two minutes. Faces are not looked at: this speaks of one officer.
WITH shifts AS MATERIALIZED (
    SELECT unit, counter, officer, starts_at, ends_at
    FROM duty
    WHERE starts_at < %(end)s AND ends_at > %(start)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
), norm AS MATERIALIZED (
    SELECT hour, sum(seconds) / sum(visits) AS mean_s
    FROM service_norm
    WHERE month >= date_trunc('month', %(first_day)s::timestamp) AND month < %(end_day)s
    GROUP BY hour
), asked AS MATERIALIZED (
    SELECT DISTINCT coalesce(prompt.visit, before.id) AS visit
    FROM shifts
    JOIN prompt ON prompt.unit = shifts.unit AND prompt.counter = shifts.counter
        AND prompt.observed_at >= shifts.starts_at
        AND prompt.observed_at < shifts.ends_at + INTERVAL '1 hour'
        AND prompt.event = 'shown'
    LEFT JOIN LATERAL (
        SELECT id
        FROM visit
        WHERE visit.unit = prompt.unit AND visit.counter = prompt.counter
            AND visit.observed_at <= prompt.observed_at
            AND visit.observed_at > prompt.observed_at - INTERVAL '2 minutes'
        ORDER BY visit.observed_at DESC
        LIMIT 1
    ) AS before ON prompt.visit IS NULL
), told AS (
    SELECT
        shifts.unit, shifts.officer, visit.observed_at,
        coalesce(visit.wait_s > 900, false)
        OR coalesce(visit.complete AND visit.service_s > 2 * norm.mean_s, false) AS hard,
        asked.visit IS NOT NULL AS asked
    FROM shifts
    JOIN visit ON visit.unit = shifts.unit AND visit.counter = shifts.counter
        AND visit.observed_at >= greatest(shifts.starts_at, %(start)s)
        AND visit.observed_at < least(shifts.ends_at + INTERVAL '1 day', %(end)s)
        AND visit.started_at + (visit.observed_at - visit.started_at) / 2 >= shifts.starts_at
        AND visit.started_at + (visit.observed_at - visit.started_at) / 2 < shifts.ends_at
    LEFT JOIN asked ON asked.visit = visit.id
    LEFT JOIN norm ON norm.hour = extract(hour FROM visit.observed_at AT TIME ZONE INTERVAL '7 hours')
)
SELECT
    unit, CASE %(by)s::text WHEN 'officer' THEN officer END,
    date_trunc(%(step)s::text, observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE hard), count(*) FILTER (WHERE hard AND asked),
    count(*) FILTER (WHERE NOT hard), count(*) FILTER (WHERE NOT hard AND asked), max(observed_at)
FROM told
GROUP BY 1, 2, 3
