-- name: try_lock_migrations
-- Two starts at once must not both migrate. The number is "motcua" in ASCII.
SELECT pg_try_advisory_lock(120334371645281)

-- name: unlock_migrations
-- The session may live on after the migration.
SELECT pg_advisory_unlock(120334371645281)

-- name: create_migration_table
-- The one table that no migration can make.
CREATE TABLE IF NOT EXISTS schema_migration (
    name text PRIMARY KEY,
    checksum text NOT NULL,
    skipped boolean NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
)

-- name: migration_table_exists
-- A fresh database has no table to read.
SELECT to_regclass('schema_migration') IS NOT NULL

-- name: applied_migrations
-- What is done, and with which text.
SELECT name, checksum, skipped, at FROM schema_migration ORDER BY at, name

-- name: record_migration
-- In the migration's own transaction; a skipped one becomes applied once the extension is there.
INSERT INTO schema_migration (name, checksum, skipped)
VALUES (%(name)s, %(checksum)s, %(skipped)s)
ON CONFLICT (name) DO UPDATE
SET checksum = EXCLUDED.checksum, skipped = EXCLUDED.skipped, at = now()
RETURNING at

-- name: timescale_installed
-- Decides only how tables are stored, never which tables or queries there are.
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb')

-- name: has_readers
-- The schemas of earlier releases have none.
SELECT to_regprocedure('renew_readers()') IS NOT NULL

-- name: renew_readers
-- What the API's reading role sees follows the tables that there are now.
SELECT renew_readers()

-- name: has_writers
-- As above.
SELECT to_regprocedure('renew_writers()') IS NOT NULL

-- name: renew_writers
-- What the API's writing roles may change, likewise.
SELECT renew_writers()
