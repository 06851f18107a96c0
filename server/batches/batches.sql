-- name: lock_key
-- Two copies of one batch at the same time: the second waits, and finds the first's answer.
SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 13))

-- name: answer
-- What the batch of this key was answered.
SELECT route, digest, answer FROM batch_answer WHERE key = %(key)s

-- name: keep_answer
-- In the transaction that stores the batch.
INSERT INTO batch_answer (key, route, digest, answer)
VALUES (%(key)s, %(route)s, %(digest)s, %(answer)s::jsonb)

-- name: purge_answers
-- A client that sends a batch again does so within days.
DELETE FROM batch_answer WHERE at < %(before)s
