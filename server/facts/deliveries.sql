-- name: totals
-- By the day of observation; refused messages, whose own time is not to be trusted, by that of their
-- receipt. Observations and heartbeats, of which the next one replaces a late one, are not counted.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter END,
    date_trunc(%(step)s::text, at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE NOT refused),
    count(*) FILTER (WHERE NOT refused AND received_at - at > INTERVAL '10 minutes'),
    count(*) FILTER (WHERE refused),
    max(at)
FROM (
    SELECT unit, counter, observed_at AS at, received_at, false AS refused FROM visit
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT unit, counter, observed_at, received_at, false FROM wait
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT unit, counter, observed_at, received_at, false FROM rating
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT unit, counter, observed_at, received_at, false FROM prompt
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
    UNION ALL
    SELECT split_part(topic, '/', 3), split_part(topic, '/', 4), received_at, received_at, true
    FROM quarantine
    WHERE received_at >= %(start)s AND received_at < %(end)s AND replayed_at IS NULL
) AS messages
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
