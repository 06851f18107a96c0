-- name: purge_replayed
-- One page, the oldest first, so that no transaction is long; rows that a replay holds are left for
-- the next night.
DELETE FROM quarantine
WHERE id IN (
    SELECT id FROM quarantine
    WHERE replayed_at < %(before)s
    ORDER BY id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
