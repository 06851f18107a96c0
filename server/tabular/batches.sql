-- name: claim_key
-- Before the work: who sends the same key at the same time waits here for the first to end.
INSERT INTO batch_answer (route, key, digest)
VALUES (%(route)s, %(key)s, %(digest)s)
ON CONFLICT (route, key) DO NOTHING

-- name: keep_answer
-- In the transaction that stores the records: the key is known exactly when they are.
UPDATE batch_answer SET answer = %(answer)s WHERE route = %(route)s AND key = %(key)s

-- name: release_key
-- Nothing was stored: the corrected batch may come with the same key.
DELETE FROM batch_answer WHERE route = %(route)s AND key = %(key)s

-- name: answer_of_key
-- What the first was answered, and which batch it was.
SELECT digest, answer FROM batch_answer WHERE route = %(route)s AND key = %(key)s

-- name: purge_answers
-- A client that repeats itself does so within days.
DELETE FROM batch_answer WHERE at < %(before)s
