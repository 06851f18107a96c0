-- name: totals
-- By the day of observation; refused messages, whose own time is not to be trusted, by that of their
-- receipt. Observations and heartbeats, of which the next one replaces a late one, are not counted.
-- What a simulated device tells of a day before it was first heard on it was made up when it started: that
-- is not late.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter END,
    date_trunc(%(step)s::text, at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE NOT refused),
    count(*) FILTER (
        WHERE NOT refused AND received_at - at > INTERVAL '10 minutes'
            AND NOT (
                EXISTS (
                    SELECT FROM device
                    WHERE device.unit = messages.unit AND device.counter = messages.counter
                        AND device.id = messages.device AND device.simulated
                )
                AND NOT EXISTS (
                    SELECT FROM health
                    WHERE health.unit = messages.unit AND health.counter = messages.counter
                        AND health.device = messages.device AND health.observed_at <= messages.at
                        AND health.observed_at >= date_trunc(
                            'day', messages.at AT TIME ZONE INTERVAL '7 hours'
                        ) AT TIME ZONE INTERVAL '7 hours'
                )
            )
    ),
    count(*) FILTER (WHERE refused),
    max(at)
FROM (
    SELECT unit, counter, device, observed_at AS at, received_at, false AS refused FROM visit
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT unit, counter, device, observed_at, received_at, false FROM wait
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT unit, counter, device, observed_at, received_at, false FROM rating
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT unit, counter, device, observed_at, received_at, false FROM prompt
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT split_part(topic, '/', 3), split_part(topic, '/', 4), '', received_at, received_at, true
    FROM quarantine
    WHERE received_at >= %(start)s AND received_at < %(end)s AND replayed_at IS NULL
) AS messages
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
