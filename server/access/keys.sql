-- name: add_key
-- A name that was given before is refused by its constraint.
INSERT INTO api_key (name, token, rights, unit, ends_at)
VALUES (%(name)s, %(token)s, %(rights)s, %(unit)s, %(ends_at)s)

-- name: keys
-- All of them, revoked ones too: what was shown once is in none of these columns.
SELECT name, rights, unit, created_at, ends_at, used_at, revoked_at FROM api_key ORDER BY name

-- name: revoke_key
-- The row stays: its name stands in the audit log.
UPDATE api_key SET revoked_at = coalesce(revoked_at, %(now)s) WHERE name = %(name)s RETURNING name
