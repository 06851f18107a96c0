-- name: follow_retention
-- Days whose raw rows may be gone keep the counts of their links.
SELECT follow_retention()

-- name: take_due
-- The oldest marks first. Days before the horizon have no raw rows: their links stay as they are.
DELETE FROM link_due USING (
    SELECT unit, day
    FROM link_due
    WHERE day::timestamp AT TIME ZONE INTERVAL '7 hours' >= (SELECT kept_from FROM raw_horizon)
    ORDER BY since, unit, day
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
) AS oldest
WHERE link_due.unit = oldest.unit AND link_due.day = oldest.day
RETURNING link_due.unit, link_due.day

-- name: take_due_by_dossier
-- Likewise, of what dossiers have changed.
DELETE FROM link_due_by_dossier AS due USING (
    SELECT unit, day
    FROM link_due_by_dossier
    WHERE day::timestamp AT TIME ZONE INTERVAL '7 hours' >= (SELECT kept_from FROM raw_horizon)
    ORDER BY since, unit, day
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
) AS oldest
WHERE due.unit = oldest.unit AND due.day = oldest.day
RETURNING due.unit, due.day

-- name: lock_due
-- One writer of a unit's links at a time.
SELECT pg_advisory_xact_lock(hashtextextended('motcua.link/' || %(unit)s::text, 0))

-- name: visits
-- A visit is of the day on which it ended.
SELECT id::text, counter, started_at, observed_at
FROM visit
WHERE unit = %(unit)s AND observed_at >= %(start)s AND observed_at < %(end)s

-- name: ratings
-- Amendments only add reasons. Every step of a request for a rating may name the visit or the rating.
SELECT
    rating.id::text, rating.counter, rating.observed_at,
    coalesce(asked.visits, '{}')
FROM rating
LEFT JOIN (
    SELECT named.rating, array_agg(DISTINCT step.visit::text) AS visits
    FROM prompt AS named
    JOIN prompt AS step ON step.unit = named.unit AND step.prompt = named.prompt
        AND step.visit IS NOT NULL
        AND step.observed_at >= %(start)s AND step.observed_at < %(end)s
    WHERE named.unit = %(unit)s AND named.rating IS NOT NULL
        AND named.observed_at >= %(start)s AND named.observed_at < %(end)s
    GROUP BY 1
) AS asked ON asked.rating = rating.id
WHERE rating.unit = %(unit)s AND rating.amends IS NULL
    AND rating.observed_at >= %(start)s AND rating.observed_at < %(end)s

-- name: tickets
-- A number is one ticket of its unit and local day.
SELECT id::text, counter, number, event, observed_at, dossier
FROM ticket
WHERE unit = %(unit)s AND observed_at >= %(start)s AND observed_at < %(end)s

-- name: dossiers
-- Those that name a ticket of this day, and those that tickets of this day name.
SELECT code, ticket
FROM dossier
WHERE receiving_unit = %(unit)s AND ticket IS NOT NULL
    AND received_at >= %(start)s AND received_at < %(end)s
UNION
SELECT dossier.code, NULL
FROM ticket
JOIN dossier ON dossier.code = ticket.dossier
WHERE ticket.unit = %(unit)s AND ticket.dossier IS NOT NULL
    AND ticket.observed_at >= %(start)s AND ticket.observed_at < %(end)s

-- name: online_ratings
-- At the unit that resolves the dossier; before its record is known, nobody knows which.
SELECT event.code || '/' || event.id, event.code, event.at
FROM dossier_event AS event
JOIN dossier ON dossier.code = event.code
WHERE event.kind = 'rated' AND NOT event.void
    AND event.at >= %(start)s AND event.at < %(end)s AND dossier.resolving_unit = %(unit)s

-- name: forget_links
-- Of one unit's day, before they are stored anew.
DELETE FROM link WHERE unit = %(unit)s AND day = %(day)s

-- name: forget_counts
-- Likewise.
DELETE FROM link_daily WHERE unit = %(unit)s AND day = %(day)s

-- name: store_links
-- All of a unit's day.
INSERT INTO link (unit, day, kind, subject, object, counter, rule, confidence, waited_s)
SELECT %(unit)s, %(day)s, * FROM unnest(
    %(kind)s::text[], %(subject)s::text[], %(object)s::text[], %(counter)s::text[],
    %(rule)s::text[], %(confidence)s::double precision[], %(waited_s)s::double precision[]
)

-- name: store_counts
-- All of a unit's day.
INSERT INTO link_daily (unit, day, counter, kind, rule, subjects, confidence)
SELECT %(unit)s, %(day)s, * FROM unnest(
    %(counter)s::text[], %(kind)s::text[], %(rule)s::text[], %(subjects)s::integer[],
    %(confidence)s::double precision[]
)

-- name: stored_links
-- To compare them with what raw rows give.
SELECT kind, subject, object, counter, rule, confidence, waited_s
FROM link
WHERE unit = %(unit)s AND day = %(day)s

-- name: stored_counts
-- Likewise.
SELECT counter, kind, rule, subjects, confidence
FROM link_daily
WHERE unit = %(unit)s AND day = %(day)s

-- name: unit_days
-- Which have links, or something to link, and raw rows.
SELECT unit, day
FROM (
    SELECT unit, day FROM link_daily
    UNION
    SELECT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM visit
    UNION
    SELECT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM rating
    UNION
    SELECT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date FROM ticket
) AS days
WHERE day::timestamp AT TIME ZONE INTERVAL '7 hours' >= (SELECT kept_from FROM raw_horizon)
ORDER BY day, unit

-- name: purge
-- Links go with the raw rows that they join; the daily counts stay.
DELETE FROM link
WHERE day::timestamp AT TIME ZONE INTERVAL '7 hours' < (SELECT kept_from FROM raw_horizon)
