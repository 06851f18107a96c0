-- name: export
-- By this name other transactions see what this one sees, while it lasts.
SELECT pg_export_snapshot()

-- name: see
-- The first statement of such a transaction.
SET TRANSACTION SNAPSHOT %(snapshot)s
