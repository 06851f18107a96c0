-- name: last_calls
-- When each unit last called anybody: of the last hour, for older ones are all alike.
SELECT unit, max(observed_at) FROM ticket
WHERE event IN ('called', 'recalled')
    AND observed_at > %(now)s - INTERVAL '1 hour' AND observed_at <= %(now)s + INTERVAL '1 minute'
GROUP BY unit

-- name: devices
-- What decides whether a device is heard, sees and sends; retired ones are out.
SELECT
    unit, counter, id AS device, last_seen, health_at, camera, outbox_depth,
    abs(
        clock_offset_s - coalesce((SELECT offset_s FROM server_clock WHERE state = 'suspect'), 0)
    ) AS clock_off_s,
    disk_free_mb
FROM device
WHERE retired_at IS NULL AND last_seen IS NOT NULL

-- name: open_complaints
-- Open complaints by unit: those whose deadline comes before a given moment or has passed.
SELECT
    unit, count(*), count(*) FILTER (WHERE overdue_at < %(until)s)
FROM complaint
WHERE ended_at IS NULL
GROUP BY unit

-- name: has_timescale
-- Whether TimescaleDB's own jobs run here at all.
SELECT to_regclass('timescaledb_information.job_stats') IS NOT NULL

-- name: failing_jobs
-- TimescaleDB says of a job that fails nothing but here.
SELECT count(*), count(*) FILTER (WHERE last_run_status = 'Failed')
FROM timescaledb_information.job_stats

-- name: given_up_jobs
-- Background jobs of ours that gave up.
SELECT count(*), count(*) FILTER (WHERE status = 'failed')
FROM procrastinate_jobs
