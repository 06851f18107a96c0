-- name: lock
-- One writer at a time, as for dossiers.
SELECT pg_advisory_xact_lock(hashtext('motcua.complaint'))

-- name: units
-- Also those that are not valid today: their history still comes in.
SELECT id FROM unit

-- name: store_complaints
-- The newest revision stays, of the same revision the greater content.
INSERT INTO complaint AS stored (
    id, source, revision, digest, unit, procedure, family, dossier, officer, received_at,
    rejected_at, asked_at, answered_at, resolved_at, published_at, satisfied, reject_due, ask_due,
    resolve_due, publish_due, ended_at, overdue_at, in_time, subject
)
SELECT
    given.id, given.source, revision, digest, unit, given.procedure, procedure.family, dossier,
    officer, received_at, rejected_at, asked_at, answered_at, resolved_at, published_at, satisfied,
    reject_due, ask_due, resolve_due, publish_due, ended_at, overdue_at, in_time, subject
FROM unnest(
    %(id)s::text[], %(source)s::text[], %(revision)s::timestamptz[], %(digest)s::bigint[],
    %(unit)s::text[], %(procedure)s::text[], %(dossier)s::text[], %(officer)s::text[],
    %(received_at)s::timestamptz[], %(rejected_at)s::timestamptz[], %(asked_at)s::timestamptz[],
    %(answered_at)s::timestamptz[], %(resolved_at)s::timestamptz[],
    %(published_at)s::timestamptz[], %(satisfied)s::boolean[], %(reject_due)s::timestamptz[],
    %(ask_due)s::timestamptz[], %(resolve_due)s::timestamptz[], %(publish_due)s::timestamptz[],
    %(ended_at)s::timestamptz[], %(overdue_at)s::timestamptz[], %(in_time)s::boolean[],
    %(subject)s::text[]
) AS given (
    id, source, revision, digest, unit, procedure, dossier, officer, received_at, rejected_at,
    asked_at, answered_at, resolved_at, published_at, satisfied, reject_due, ask_due, resolve_due,
    publish_due, ended_at, overdue_at, in_time, subject
)
LEFT JOIN procedure ON procedure.code = given.procedure
ON CONFLICT (id) DO UPDATE SET
    source = EXCLUDED.source, revision = EXCLUDED.revision, digest = EXCLUDED.digest,
    unit = EXCLUDED.unit, procedure = EXCLUDED.procedure, family = EXCLUDED.family,
    dossier = EXCLUDED.dossier, officer = EXCLUDED.officer, received_at = EXCLUDED.received_at,
    rejected_at = EXCLUDED.rejected_at, asked_at = EXCLUDED.asked_at,
    answered_at = EXCLUDED.answered_at, resolved_at = EXCLUDED.resolved_at,
    published_at = EXCLUDED.published_at, satisfied = EXCLUDED.satisfied,
    reject_due = EXCLUDED.reject_due, ask_due = EXCLUDED.ask_due,
    resolve_due = EXCLUDED.resolve_due, publish_due = EXCLUDED.publish_due,
    ended_at = EXCLUDED.ended_at, overdue_at = EXCLUDED.overdue_at, in_time = EXCLUDED.in_time,
    subject = EXCLUDED.subject
WHERE (EXCLUDED.revision, EXCLUDED.digest) > (stored.revision, stored.digest)
RETURNING unit

-- name: stored
-- A page of what was stated, with the deadlines that are stored.
SELECT
    id, source, revision, unit, received_at, procedure, dossier, officer, rejected_at, asked_at,
    answered_at, resolved_at, published_at, satisfied,
    reject_due, ask_due, resolve_due, publish_due, ended_at, overdue_at, in_time
FROM complaint
WHERE id > %(after)s
ORDER BY id
LIMIT %(limit)s

-- name: renew_states
-- Deadlines by another calendar; what was stated stays.
UPDATE complaint SET
    reject_due = given.reject_due, ask_due = given.ask_due, resolve_due = given.resolve_due,
    publish_due = given.publish_due, ended_at = given.ended_at, overdue_at = given.overdue_at,
    in_time = given.in_time
FROM unnest(
    %(id)s::text[], %(reject_due)s::timestamptz[], %(ask_due)s::timestamptz[],
    %(resolve_due)s::timestamptz[], %(publish_due)s::timestamptz[], %(ended_at)s::timestamptz[],
    %(overdue_at)s::timestamptz[], %(in_time)s::boolean[]
) AS given (id, reject_due, ask_due, resolve_due, publish_due, ended_at, overdue_at, in_time)
WHERE complaint.id = given.id

-- name: stale
-- Whether a calendar or a unit has changed, and how far the deadlines follow it.
SELECT since, after FROM complaint_stale FOR UPDATE

-- name: stale_until
-- A change that came meanwhile has begun anew, and keeps its own place.
UPDATE complaint_stale SET after = %(after)s WHERE since = %(since)s

-- name: no_longer_stale
-- Unless something has changed meanwhile.
DELETE FROM complaint_stale WHERE since = %(since)s
