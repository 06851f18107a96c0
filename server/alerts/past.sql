-- name: bound
-- Whoever tries a rule waits for a bounded time, whatever the history.
SELECT set_config('statement_timeout', %(ms)s, true)

-- name: queues_seen
-- What was seen last at each counter in each step until its end, that is included.
SELECT seen.at, counter.unit, counter.id AS counter, seen.queue_length, seen.people_present
FROM counter
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (date_bin(%(step)s, observed_at - INTERVAL '1 microsecond', %(begin)s))
        observed_at AS at, queue_length, people_present
    FROM observation
    WHERE observation.unit = counter.unit AND observation.counter = counter.id
        AND observed_at > %(begin)s::timestamptz - %(step)s AND observed_at <= %(end)s
        AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')
    ORDER BY date_bin(%(step)s, observed_at - INTERVAL '1 microsecond', %(begin)s), observed_at DESC
) AS seen
WHERE (%(units)s::text[] IS NULL OR counter.unit = ANY (%(units)s::text[]))

-- name: waited
-- Who waited, until when.
SELECT started_at, observed_at, unit, counter FROM wait
WHERE observed_at > %(begin)s AND observed_at <= %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')

-- name: served
-- Who was served, until when. Of the hours before as well: they tell how long a service takes.
SELECT started_at, observed_at AS at, unit, counter, service_s, complete FROM visit
WHERE observed_at > %(begin)s::timestamptz - INTERVAL '4 hours' AND observed_at <= %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')

-- name: called
-- When tickets were called.
SELECT observed_at AS at, unit FROM ticket
WHERE event IN ('called', 'recalled')
    AND observed_at > %(begin)s::timestamptz - INTERVAL '1 hour' AND observed_at <= %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')

-- name: devices_before
-- What each device said last before a moment, and when it was heard last; retired ones are out.
SELECT
    device.unit, device.counter, device.id AS device, greatest(said.observed_at, seen.observed_at) AS last_seen,
    said.observed_at AS health_at, said.camera, said.outbox_depth, said.disk_free_mb
FROM device
LEFT JOIN LATERAL (
    SELECT observed_at, camera, outbox_depth, disk_free_mb FROM health
    WHERE health.unit = device.unit AND health.counter = device.counter AND health.device = device.id
        AND observed_at <= %(begin)s
        AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')
    ORDER BY observed_at DESC
    LIMIT 1
) AS said ON true
LEFT JOIN LATERAL (
    SELECT observed_at FROM observation
    WHERE observation.unit = device.unit AND observation.counter = device.counter
        AND observation.device = device.id AND observed_at <= %(begin)s
        AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')
    ORDER BY observed_at DESC
    LIMIT 1
) AS seen ON true
WHERE device.retired_at IS NULL AND (%(units)s::text[] IS NULL OR device.unit = ANY (%(units)s::text[]))
    AND (said.observed_at IS NOT NULL OR seen.observed_at IS NOT NULL)

-- name: devices_said
-- What each device said last of itself in each step.
SELECT said.at, device.unit, device.counter, device.id AS device, said.camera, said.outbox_depth, said.disk_free_mb
FROM device
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (date_bin(%(step)s, observed_at - INTERVAL '1 microsecond', %(begin)s))
        observed_at AS at, camera, outbox_depth, disk_free_mb
    FROM health
    WHERE health.unit = device.unit AND health.counter = device.counter AND health.device = device.id
        AND observed_at > %(begin)s AND observed_at <= %(end)s
        AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')
    ORDER BY date_bin(%(step)s, observed_at - INTERVAL '1 microsecond', %(begin)s), observed_at DESC
) AS said
WHERE device.retired_at IS NULL AND (%(units)s::text[] IS NULL OR device.unit = ANY (%(units)s::text[]))

-- name: devices_seen
-- When the camera of each device saw anything last in each step.
SELECT seen.at, counter.unit, counter.id AS counter, seen.device
FROM counter
CROSS JOIN LATERAL (
    SELECT max(observed_at) AS at, device
    FROM observation
    WHERE observation.unit = counter.unit AND observation.counter = counter.id
        AND observed_at > %(begin)s AND observed_at <= %(end)s
        AND (NOT %(timely)s OR received_at <= observed_at + INTERVAL '1 minute')
    GROUP BY device, date_bin(%(step)s, observed_at - INTERVAL '1 microsecond', %(begin)s)
) AS seen
WHERE (%(units)s::text[] IS NULL OR counter.unit = ANY (%(units)s::text[]))
AND NOT EXISTS (
    SELECT FROM device
    WHERE device.unit = counter.unit AND device.counter = counter.id AND device.id = seen.device
        AND device.retired_at IS NOT NULL
)

-- name: dossiers
-- Dossiers that were open at any time from `begin` to `end`.
SELECT
    resolving_unit AS unit, received_at, ended_at,
    CASE WHEN NOT waits_for_citizen OR ended_at IS NOT NULL THEN due_at END AS due_at
FROM dossier
WHERE received_at <= %(end)s AND (ended_at IS NULL OR ended_at > %(begin)s)

-- name: complaints
-- Complaints that were open at any time from `begin` to `end`.
SELECT unit, received_at, ended_at, overdue_at AS due_at
FROM complaint
WHERE received_at <= %(end)s AND (ended_at IS NULL OR ended_at > %(begin)s)

-- name: dossiers_known
-- Dossiers of a unit around a moment: with what is known today of when they ended, or as it was known then.
-- Who resolves one and by when is what was decided until then: later decisions are no late data. An end that
-- became known more than a week late is not looked for.
SELECT
    dossier.resolving_unit AS unit, dossier.received_at,
    CASE WHEN %(timely)s AND past.code IS NOT NULL THEN past.ended_at ELSE dossier.ended_at END AS ended_at,
    CASE
        WHEN past.code IS NOT NULL THEN past.overdue_at
        WHEN NOT dossier.waits_for_citizen OR dossier.ended_at IS NOT NULL THEN dossier.due_at
    END AS due_at
FROM dossier
LEFT JOIN dossier_past AS past
    ON past.code = dossier.code AND past.known_from <= %(known_at)s AND past.known_until > %(known_at)s
WHERE dossier.resolving_unit = ANY (%(units)s::text[]) AND dossier.received_at <= %(end)s
    AND (dossier.ended_at IS NULL OR dossier.ended_at > %(begin)s::timestamptz - INTERVAL '7 days')
    AND (
        NOT %(timely)s OR past.code IS NOT NULL
        OR coalesce(dossier.known_from, dossier.stored_at) <= %(known_at)s
    )

-- name: complaints_known
-- The same for complaints.
SELECT
    complaint.unit, complaint.received_at,
    CASE WHEN %(timely)s AND past.id IS NOT NULL THEN past.ended_at ELSE complaint.ended_at END AS ended_at,
    CASE WHEN past.id IS NOT NULL THEN past.overdue_at ELSE complaint.overdue_at END AS due_at
FROM complaint
LEFT JOIN complaint_past AS past
    ON past.id = complaint.id AND past.known_from <= %(known_at)s AND past.known_until > %(known_at)s
WHERE complaint.unit = ANY (%(units)s::text[]) AND complaint.received_at <= %(end)s
    AND (complaint.ended_at IS NULL OR complaint.ended_at > %(begin)s::timestamptz - INTERVAL '7 days')
    AND (
        NOT %(timely)s OR past.id IS NOT NULL
        OR coalesce(complaint.known_from, complaint.stored_at) <= %(known_at)s
    )
