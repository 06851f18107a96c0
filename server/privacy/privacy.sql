-- name: add_request
-- With its deadline, which does not change when the calendar does.
INSERT INTO privacy_request (kind, about, channel, received_at, acknowledge_by)
VALUES (%(kind)s, %(about)s, %(channel)s, %(received_at)s, %(acknowledge_by)s)
RETURNING id

-- name: requests
-- What waits longest comes first.
SELECT id, kind, about, channel, received_at, acknowledge_by, acknowledged_at, closed_at, outcome
FROM privacy_request
ORDER BY closed_at IS NOT NULL, acknowledged_at IS NOT NULL, acknowledge_by, id

-- name: acknowledge_request
-- Once.
UPDATE privacy_request SET acknowledged_at = coalesce(acknowledged_at, %(now)s) WHERE id = %(id)s
RETURNING id

-- name: close_request
-- Closing acknowledges what was not.
UPDATE privacy_request
SET acknowledged_at = coalesce(acknowledged_at, %(now)s), closed_at = %(now)s, outcome = %(outcome)s
WHERE id = %(id)s AND closed_at IS NULL
RETURNING id

-- name: add_breach
-- With the time until which the authority has to be told.
INSERT INTO privacy_breach (found_at, notify_by, what, whose, measures, keep_until)
VALUES (%(found_at)s, %(notify_by)s, %(what)s, %(whose)s, %(measures)s, %(keep_until)s)
RETURNING id

-- name: breaches
-- The newest first.
SELECT id, found_at, notify_by, what, whose, measures, notified_at FROM privacy_breach
ORDER BY found_at DESC, id DESC

-- name: notify_breach
-- When the authority was told.
UPDATE privacy_breach SET notified_at = coalesce(notified_at, %(now)s) WHERE id = %(id)s RETURNING id

-- name: officer_known
-- A code may be left in rows of an officer whom no import ever named.
SELECT EXISTS (SELECT FROM officer_rows(%(code)s))

-- name: officer_rows
-- Everything that names the officer.
SELECT source, found FROM officer_rows(%(code)s)

-- name: erase_officer
-- In one transaction, with its audit entry.
SELECT erase_officer(%(code)s, %(replacement)s)
