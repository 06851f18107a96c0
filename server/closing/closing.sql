-- name: hold
-- One closing at a time, until the session lets go: who comes second is told at once. "close" in ASCII.
SELECT pg_try_advisory_lock(427070944101)

-- name: release
-- For the next one.
SELECT pg_advisory_unlock(427070944101)

-- name: closings
-- Every version of every closed period, or of one; without documents, which are large.
SELECT
    number, period, first_day, end_day, version, closed_at, known_at, closed_by, cause, changes, digest,
    link_number, link, previous, seal, key, signature
FROM closing
WHERE %(period)s::text IS NULL OR period = %(period)s::text
ORDER BY number

-- name: newest
-- What the next one is chained to.
SELECT
    number, period, first_day, end_day, version, closed_at, known_at, closed_by, cause, changes, digest,
    link_number, link, previous, seal, key, signature
FROM closing ORDER BY number DESC LIMIT 1

-- name: document
-- What was closed, compressed.
SELECT document FROM closing WHERE number = %(number)s

-- name: add_closing
-- One more.
INSERT INTO closing (
    number, period, first_day, end_day, version, closed_at, known_at, closed_by, cause, changes, document,
    digest, link_number, link, previous, seal, key, signature
)
VALUES (
    %(number)s, %(period)s, %(first_day)s, %(end_day)s, %(version)s, %(closed_at)s, %(known_at)s,
    %(closed_by)s, %(cause)s, %(changes)s, %(document)s, %(digest)s, %(link_number)s, %(link)s,
    %(previous)s, %(seal)s, %(key)s, %(signature)s
)

-- name: add_part
-- Beside its document.
INSERT INTO closing_part (number, kind, unit, officer, content, digest)
VALUES (%(number)s, %(kind)s, %(unit)s, %(officer)s, %(content)s, %(digest)s)

-- name: parts
-- Those that are asked for, as far as whoever asks may see them.
SELECT kind, unit, officer, content FROM closing_part
WHERE number = %(number)s AND kind = ANY (%(kinds)s::text[])
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (kind <> 'officer' OR %(officer)s::text IS NULL OR officer = %(officer)s::text)
ORDER BY unit, kind, officer

-- name: keys
-- In the order in which they were handed over.
SELECT number, fingerprint, public_key, since, signature, reason FROM closing_key ORDER BY number

-- name: add_key
-- The first one, or one that the key before has handed over to.
INSERT INTO closing_key (number, fingerprint, public_key, since, signature, reason)
VALUES (%(number)s, %(fingerprint)s, %(public_key)s, %(since)s, %(signature)s, %(reason)s)

-- name: newest_link
-- Of the audit log.
SELECT number, link FROM audit_link ORDER BY number DESC LIMIT 1

-- name: linked
-- What the audit log's link of a number is.
SELECT link FROM audit_link WHERE number = %(number)s

-- name: entries
-- What the audit log says was closed, as far as its entries are kept.
SELECT id, (details ->> 'number')::bigint, details ->> 'seal'
FROM audit_entry
WHERE action IN ('period_closed', 'period_restated')
ORDER BY id

-- name: edition
-- The newest version of the period itself.
SELECT period, version, closed_at, digest FROM closing WHERE period = %(period)s
ORDER BY version DESC LIMIT 1

-- name: closed_among
-- Those of some spans of days all of whose days lie in one closed period.
SELECT wanted.name
FROM unnest(%(names)s::text[], %(first_days)s::date[], %(end_days)s::date[]) AS wanted (name, first_day, end_day)
WHERE EXISTS (
    SELECT FROM closing WHERE closing.first_day <= wanted.first_day AND closing.end_day >= wanted.end_day
)

-- name: ask
-- Once for a period that waits.
INSERT INTO closing_request (period, despite, asked_by, asked_at)
VALUES (%(period)s, %(despite)s, %(asked_by)s, %(asked_at)s)
ON CONFLICT DO NOTHING
RETURNING id

-- name: waiting
-- What the worker is to close, the oldest first.
SELECT id, period, despite, asked_by FROM closing_request WHERE done_at IS NULL ORDER BY id

-- name: answered
-- How it went.
UPDATE closing_request SET done_at = %(now)s, problem = %(problem)s WHERE id = %(id)s

-- name: requests
-- What was asked for a period, the newest first.
SELECT asked_by, asked_at, done_at, problem FROM closing_request
WHERE period = %(period)s ORDER BY id DESC LIMIT 20

-- name: checked
-- Until when it was looked for what changes a version.
SELECT until FROM closing_checked WHERE number = %(number)s

-- name: note_checked
-- Nothing until then did.
INSERT INTO closing_checked (number, until) VALUES (%(number)s, %(until)s)
ON CONFLICT (number) DO UPDATE SET until = EXCLUDED.until
