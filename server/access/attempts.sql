-- name: failures
-- What failed lately for this name: from this address, from all of them, and whether somebody has
-- signed in with the name from this address before.
SELECT
    coalesce(max(failures) FILTER (WHERE address = %(address)s), 0),
    max(last_at) FILTER (WHERE address = %(address)s),
    coalesce(sum(failures), 0)::bigint,
    max(last_at),
    EXISTS (
        SELECT FROM sign_in JOIN account ON account.id = sign_in.account
        WHERE account.name = %(name)s AND sign_in.address = %(address)s AND sign_in.began_at > %(known_since)s
    )
FROM sign_in_failure
WHERE name = %(name)s AND last_at > %(since)s

-- name: note_failure
-- One more; after a quiet time it counts from one again.
INSERT INTO sign_in_failure (name, address, failures, last_at)
VALUES (%(name)s, %(address)s, 1, %(now)s)
ON CONFLICT (name, address) DO UPDATE SET
    failures = CASE
        WHEN sign_in_failure.last_at > %(since)s THEN least(sign_in_failure.failures, 1000) + 1 ELSE 1
    END,
    last_at = greatest(sign_in_failure.last_at, %(now)s)

-- name: forget_failures
-- Whoever has signed in is not slowed down at the next slip.
DELETE FROM sign_in_failure WHERE name = %(name)s AND address = %(address)s

-- name: purge_failures
-- Names that somebody made up.
DELETE FROM sign_in_failure WHERE last_at < %(since)s
