-- name: devices
-- The devices with their latest health; retired ones only where they are asked for. A session that
-- has ended is the newest one known.
SELECT
    unit, counter, id, simulated, last_seen,
    coalesce(offline_session >= session, offline_session IS NOT NULL),
    software, camera, fps, outbox_depth, detector, people_detector, expression_model, problems,
    clock_offset_s, clock_synchronised, shared_by, retired_at
FROM device
WHERE retired_at IS NULL OR %(retired)s::boolean
ORDER BY unit, counter, id

-- name: server_clock
-- What ingest found of its own clock, nothing before its first start; and which rules of alerts cannot be
-- judged.
SELECT
    state, offset_s, devices, database_offset_s, since,
    ARRAY(SELECT rule FROM alert_unjudged ORDER BY rule)
FROM (SELECT) AS one
LEFT JOIN server_clock ON true

-- name: retire
-- It leaves counts and screens and keeps its history. Ingest then clears what it left at the broker.
-- What it has said so far does not bring it back.
UPDATE device SET retired_at = now(), retired_seen = last_seen, retained_cleared = false
WHERE unit = %(unit)s AND counter = %(counter)s AND id = %(device)s AND retired_at IS NULL

-- name: restore
-- It stands in counts and on screens again, with what is known of it.
UPDATE device SET retired_at = NULL, retired_seen = NULL, retained_cleared = true
WHERE unit = %(unit)s AND counter = %(counter)s AND id = %(device)s AND retired_at IS NOT NULL

-- name: knows
-- To tell a device that is as asked for from one that does not exist.
SELECT EXISTS (
    SELECT FROM device
    WHERE unit = %(unit)s AND counter = %(counter)s AND id = %(device)s
)

-- name: retained_to_clear
-- A few at a time; the rest follows within seconds.
SELECT unit, counter, id FROM device
WHERE NOT retained_cleared
ORDER BY unit, counter, id
LIMIT 100

-- name: retained_cleared
-- The broker has been told.
UPDATE device SET retained_cleared = true
WHERE unit = %(unit)s AND counter = %(counter)s AND id = %(device)s
