-- name: follow_retention
-- Hours whose raw rows may be gone are not counted anew.
SELECT follow_retention()

-- name: take_dirty_hours
-- The oldest marks first. Hours before the horizon have no raw rows: their marks stay, and are listed.
DELETE FROM dirty_hour USING (
    SELECT unit, counter, hour
    FROM dirty_hour
    WHERE hour >= (SELECT kept_from FROM raw_horizon)
    ORDER BY since, unit, counter, hour
    LIMIT %(most)s
    FOR UPDATE SKIP LOCKED
) AS oldest
WHERE dirty_hour.unit = oldest.unit AND dirty_hour.counter = oldest.counter
    AND dirty_hour.hour = oldest.hour
RETURNING dirty_hour.unit, dirty_hour.counter, dirty_hour.hour

-- name: lock_totals
-- Between forgetting and counting nobody may add; in the order in which ingest writes.
LOCK TABLE visit_hourly, service_time_hourly, wait_hourly, rating_hourly, prompt_hourly
    IN SHARE ROW EXCLUSIVE MODE

-- name: recount
-- All totals of these hours.
SELECT count_hours_anew(
    hourly_total, %(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]
)
FROM hourly_total
