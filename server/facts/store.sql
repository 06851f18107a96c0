-- name: set_known_at
-- For this transaction alone: views of raw rows leave out what was received later.
SELECT set_config('motcua.known_at', %(known_at)s, true)

-- name: dirty
-- Whose hours are to be counted anew, and on which local days.
SELECT DISTINCT unit, (hour AT TIME ZONE INTERVAL '7 hours')::date
FROM dirty_hour
