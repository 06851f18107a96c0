-- name: notify_change
-- Names the changed units to whoever listens; PostgreSQL delivers it only if this transaction commits.
SELECT pg_notify('motcua_change', %(units)s)

-- name: listen_change
-- The other end of notify_change.
LISTEN motcua_change
