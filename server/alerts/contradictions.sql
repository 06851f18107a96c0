-- name: candidates
-- Alerts of these rules whose minutes late data may still tell something of, the newest first: open ones and
-- those that ended by themselves. What somebody has closed was looked at by people, who know more.
SELECT alert.id, rule, unit, raised_at, value, coalesce(late_until, raised_at - INTERVAL '7 days') AS late_until
FROM alert
LEFT JOIN alert_check ON alert_check.alert = alert.id
WHERE (rule, rule_version) IN (SELECT * FROM unnest(%(rules)s::text[], %(versions)s::integer[]))
    AND changed_at > %(since)s AND raised_at > %(since)s AND NOT closed_by_people AND state <> 'withdrawn'
ORDER BY raised_at DESC, id
LIMIT %(most)s

-- name: late_queues
-- Until which receipt there are rows of a candidate's minutes that came more than a minute late.
SELECT given.id, max(late.received_at)
FROM unnest(
    %(id)s::uuid[], %(unit)s::text[], %(begins)s::timestamptz[], %(ends)s::timestamptz[],
    %(after)s::timestamptz[]
) AS given (id, unit, begins, ends, after)
JOIN counter ON counter.unit = given.unit
CROSS JOIN LATERAL (
    SELECT received_at, observed_at FROM observation
    WHERE observation.unit = counter.unit AND observation.counter = counter.id
        AND observed_at > given.begins AND observed_at <= given.ends
        AND observed_at > %(first)s AND observed_at <= %(last)s
    UNION ALL
    SELECT received_at, observed_at FROM visit
    WHERE visit.unit = counter.unit AND visit.counter = counter.id
        AND observed_at > given.begins AND observed_at <= given.ends
        AND observed_at > %(first)s AND observed_at <= %(last)s
    UNION ALL
    SELECT received_at, observed_at FROM wait
    WHERE wait.unit = counter.unit AND wait.counter = counter.id
        AND observed_at > given.begins AND observed_at <= given.ends
        AND observed_at > %(first)s AND observed_at <= %(last)s
    UNION ALL
    SELECT received_at, observed_at FROM ticket
    WHERE ticket.unit = counter.unit AND ticket.counter = counter.id
        AND observed_at > given.begins AND observed_at <= given.ends
        AND observed_at > %(first)s AND observed_at <= %(last)s AND event IN ('called', 'recalled')
) AS late
WHERE late.received_at > late.observed_at + INTERVAL '1 minute' AND late.received_at > given.after
GROUP BY given.id

-- name: late_devices
-- The same of heartbeats; of all units where the alert is the province's.
SELECT given.id, max(late.received_at)
FROM unnest(
    %(id)s::uuid[], %(unit)s::text[], %(begins)s::timestamptz[], %(ends)s::timestamptz[],
    %(after)s::timestamptz[]
) AS given (id, unit, begins, ends, after)
JOIN device ON device.unit = given.unit OR given.unit IS NULL
CROSS JOIN LATERAL (
    SELECT received_at, observed_at FROM health
    WHERE health.unit = device.unit AND health.counter = device.counter AND health.device = device.id
        AND observed_at > given.begins AND observed_at <= given.ends
        AND observed_at > %(first)s AND observed_at <= %(last)s
) AS late
WHERE late.received_at > late.observed_at + INTERVAL '1 minute' AND late.received_at > given.after
GROUP BY given.id

-- name: late_dossiers
-- The same of dossiers that ended, or came, before an alert, and became known after it.
SELECT given.id, max(coalesce(known_from, stored_at))
FROM unnest(
    %(id)s::uuid[], %(unit)s::text[], %(ends)s::timestamptz[], %(after)s::timestamptz[]
) AS given (id, unit, ends, after)
JOIN dossier ON resolving_unit = given.unit
    AND (ended_at IS NULL OR (ended_at > %(first)s::timestamptz - INTERVAL '7 days' AND ended_at <= given.ends))
WHERE received_at <= given.ends AND (ended_at IS NOT NULL OR stored_at > given.ends)
    AND coalesce(known_from, stored_at) > greatest(given.after, given.ends)
GROUP BY given.id

-- name: late_complaints
-- The same of complaints.
SELECT given.id, max(coalesce(known_from, stored_at))
FROM unnest(
    %(id)s::uuid[], %(unit)s::text[], %(ends)s::timestamptz[], %(after)s::timestamptz[]
) AS given (id, unit, ends, after)
JOIN complaint ON complaint.unit = given.unit
    AND (ended_at IS NULL OR (ended_at > %(first)s::timestamptz - INTERVAL '7 days' AND ended_at <= given.ends))
WHERE received_at <= given.ends AND (ended_at IS NOT NULL OR stored_at > given.ends)
    AND coalesce(known_from, stored_at) > greatest(given.after, given.ends)
GROUP BY given.id

-- name: note_check
-- What has come until then has been looked at.
INSERT INTO alert_check (alert, late_until) VALUES (%(alert)s, %(late_until)s)
ON CONFLICT (alert) DO UPDATE SET late_until = EXCLUDED.late_until

-- name: begin_anew
-- What a withdrawn alert stood on does not hold since then: it has to hold anew, all its time.
DELETE FROM alert_condition WHERE rule = %(rule)s AND (unit = %(unit)s OR %(unit)s::text IS NULL)
