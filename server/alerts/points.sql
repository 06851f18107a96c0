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
-- A unit's queue in the hours that begin then: means of counters added up.
SELECT hour.begun, sum(seen.queue)
FROM unnest(%(hours)s::timestamptz[]) AS hour (begun)
JOIN LATERAL (
    SELECT avg(queue_length) AS queue
    FROM observation
    WHERE unit = %(unit)s AND queue_length IS NOT NULL
        AND observed_at >= hour.begun AND observed_at < hour.begun + INTERVAL '1 hour'
    GROUP BY counter
) AS seen ON true
GROUP BY hour.begun

-- name: given_up
-- Messages about these alerts that did not arrive and are not tried again.
SELECT alert, count(*) FROM alert_message
WHERE dead_at IS NOT NULL AND alert = ANY (%(alerts)s)
GROUP BY alert
