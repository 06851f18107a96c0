-- name: devices
-- All known devices with their latest health. A session that has ended is the newest one known.
SELECT
    unit, counter, id, simulated, last_seen,
    coalesce(offline_session >= session, offline_session IS NOT NULL),
    software, camera, fps, outbox_depth, detector, people_detector, expression_model, problems
FROM device
ORDER BY unit, counter, id
