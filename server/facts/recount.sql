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

-- name: forget_visits
-- Before they are counted anew.
DELETE FROM visit_hourly AS total
USING unnest(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]) AS wanted (unit, counter, hour)
WHERE total.unit = wanted.unit AND total.counter = wanted.counter AND total.hour = wanted.hour

-- name: count_visits
-- What raw rows say, with today's knowledge of who served and what for.
INSERT INTO visit_hourly
SELECT * FROM visit_counts(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[], 'infinity')

-- name: forget_service_times
-- Before they are counted anew.
DELETE FROM service_time_hourly AS total
USING unnest(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]) AS wanted (unit, counter, hour)
WHERE total.unit = wanted.unit AND total.counter = wanted.counter AND total.hour = wanted.hour

-- name: count_service_times
-- What raw rows say, with today's knowledge of who served and what for.
INSERT INTO service_time_hourly
SELECT * FROM service_time_counts(
    %(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[], 'infinity'
)

-- name: forget_waits
-- Before they are counted anew.
DELETE FROM wait_hourly AS total
USING unnest(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]) AS wanted (unit, counter, hour)
WHERE total.unit = wanted.unit AND total.counter = wanted.counter AND total.hour = wanted.hour

-- name: count_waits
-- What raw rows say, with today's knowledge of who served and what for.
INSERT INTO wait_hourly
SELECT * FROM wait_counts(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[], 'infinity')

-- name: forget_ratings
-- Before they are counted anew.
DELETE FROM rating_hourly AS total
USING unnest(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]) AS wanted (unit, counter, hour)
WHERE total.unit = wanted.unit AND total.counter = wanted.counter AND total.hour = wanted.hour

-- name: count_ratings
-- What raw rows say, with today's knowledge of who served and what for.
INSERT INTO rating_hourly
SELECT * FROM rating_counts(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[], 'infinity')

-- name: forget_prompts
-- Before they are counted anew.
DELETE FROM prompt_hourly AS total
USING unnest(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[]) AS wanted (unit, counter, hour)
WHERE total.unit = wanted.unit AND total.counter = wanted.counter AND total.hour = wanted.hour

-- name: count_prompts
-- What raw rows say, with today's knowledge of who served and what for.
INSERT INTO prompt_hourly
SELECT * FROM prompt_counts(%(unit)s::text[], %(counter)s::text[], %(hour)s::timestamptz[], 'infinity')
