-- name: queue
-- A unit's queue around a moment, by five minutes: means of counters added up.
SELECT at, sum(queue)
FROM (
    SELECT date_bin('5 minutes', observed_at, TIMESTAMPTZ '2026-01-01') AS at, avg(queue_length) AS queue
    FROM observation
    WHERE unit = %(unit)s AND observed_at >= %(start)s AND observed_at < %(end)s AND queue_length IS NOT NULL
    GROUP BY 1, counter
) AS by_counter
GROUP BY at
ORDER BY at

-- name: outbox
-- What the unit's devices still had to send, by five minutes.
SELECT at, sum(depth)
FROM (
    SELECT date_bin('5 minutes', observed_at, TIMESTAMPTZ '2026-01-01') AS at, max(outbox_depth) AS depth
    FROM health
    WHERE unit = %(unit)s AND observed_at >= %(start)s AND observed_at < %(end)s AND outbox_depth IS NOT NULL
    GROUP BY 1, counter, device
) AS by_device
GROUP BY at
ORDER BY at

-- name: heard
-- How many of the unit's devices were heard, by five minutes.
SELECT date_bin('5 minutes', observed_at, TIMESTAMPTZ '2026-01-01') AS at, count(DISTINCT (counter, device))
FROM health
WHERE unit = %(unit)s AND observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1
ORDER BY 1

-- name: usual_queue
-- A unit's queue by hour: means of counters added up. Hours are local.
SELECT
    (hour AT TIME ZONE INTERVAL '7 hours')::date,
    extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::int,
    sum(queue_length_sum::float8 / queue_windows)
FROM observation_hourly
WHERE unit = %(unit)s AND hour >= %(start)s AND hour < %(end)s AND queue_windows > 0
GROUP BY hour
