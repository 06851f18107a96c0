-- name: hold
-- Shared by whoever adds an entry until it is committed: who makes a link waits for them, so that no
-- entry with a smaller number appears after it. The number is "audit" in ASCII.
SELECT pg_advisory_xact_lock_shared(418498013556)

-- name: hold_alone
-- Of who makes a link.
SELECT pg_advisory_xact_lock(418498013556)

-- name: add_entry
-- Only ever added.
INSERT INTO audit_entry (at, actor, kind, action, subject, address, agent, details)
VALUES (
    %(at)s, %(actor)s, %(kind)s, %(action)s, %(subject)s, %(address)s, %(agent)s, %(details)s
)

-- name: entries
-- The newest first.
SELECT id, at, actor, kind, action, subject, address, agent, details
FROM audit_entry
WHERE id < %(before)s
    AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
    AND (%(subject)s::text IS NULL OR subject = %(subject)s::text)
    AND (%(since)s::timestamptz IS NULL OR at >= %(since)s::timestamptz)
ORDER BY id DESC
LIMIT %(limit)s

-- name: entries_between
-- In the order in which they are digested.
SELECT id, at, actor, kind, action, subject, address, agent, details
FROM audit_entry
WHERE id BETWEEN %(first)s AND %(last)s
ORDER BY id

-- name: newest_link
-- What the next one is chained to.
SELECT number, made_at, first, last, entries, digest, link, purged_at
FROM audit_link ORDER BY number DESC LIMIT 1

-- name: newest_entry
-- Where the next link ends.
SELECT max(id) FROM audit_entry

-- name: add_link
-- One more.
INSERT INTO audit_link (number, made_at, first, last, entries, digest, link)
VALUES (%(number)s, %(made_at)s, %(first)s, %(last)s, %(entries)s, %(digest)s, %(link)s)

-- name: links
-- From the first one.
SELECT number, made_at, first, last, entries, digest, link, purged_at
FROM audit_link WHERE number > %(after)s ORDER BY number LIMIT 1000

-- name: purge_links
-- Those whose time is over lose their entries; they themselves stay, so that the chain holds.
UPDATE audit_link SET purged_at = %(now)s WHERE made_at < %(before)s AND purged_at IS NULL

-- name: purge_entries
-- Of those links.
DELETE FROM audit_entry
USING audit_link
WHERE audit_link.purged_at = %(now)s AND audit_entry.id BETWEEN audit_link.first AND audit_link.last
