-- name: register_addresses
-- A message may come from a unit, counter or device that nobody has registered: it registers itself,
-- named by its id. `counter` is the device's own, `at` the counter that a message speaks of.
-- `last_seen` is the newest time observed by the server's clock, whatever the order of arrival; one
-- that lies ahead of this clock was written by a wrong one and blocks nothing. Rows are touched in
-- the order of their keys, so that two writers cannot deadlock.
WITH seen AS (
    SELECT unit, counter, at, id, observed_at
    FROM unnest(
        %(unit)s::text[], %(counter)s::text[], %(at)s::text[], %(device)s::text[],
        %(newest)s::timestamptz[]
    ) AS seen (unit, counter, at, id, observed_at)
), new_units AS (
    INSERT INTO unit (id, name_vi, name_en)
    SELECT DISTINCT seen.unit, seen.unit, seen.unit FROM seen
    WHERE NOT EXISTS (SELECT FROM unit WHERE unit.id = seen.unit)
    ORDER BY 1
    ON CONFLICT DO NOTHING
), new_counters AS (
    INSERT INTO counter (unit, id)
    SELECT named.unit, named.counter
    FROM (SELECT unit, counter FROM seen UNION SELECT unit, at FROM seen) AS named
    WHERE NOT EXISTS (
        SELECT FROM counter WHERE counter.unit = named.unit AND counter.id = named.counter
    )
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING
), presence AS (
    INSERT INTO presence_hourly AS total (unit, counter, hour, last_seen)
    SELECT unit, at, date_trunc('hour', observed_at, 'UTC'), max(observed_at)
    FROM seen
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (unit, counter, hour) DO UPDATE SET last_seen = EXCLUDED.last_seen
    WHERE total.last_seen < EXCLUDED.last_seen
)
INSERT INTO device AS known (unit, counter, id, last_seen)
SELECT unit, counter, id, max(observed_at) FROM seen
GROUP BY unit, counter, id
ORDER BY unit, counter, id
ON CONFLICT (unit, counter, id) DO UPDATE SET last_seen = EXCLUDED.last_seen
WHERE known.last_seen IS NULL OR known.last_seen < EXCLUDED.last_seen
    OR known.last_seen > %(now)s::timestamptz

-- name: bring_back
-- A retired device that speaks again is one of ours again. What it had said before, and is delivered
-- late or a second time, does not count.
UPDATE device SET retired_at = NULL, retired_seen = NULL, retained_cleared = true
FROM (
    SELECT unit, counter, id, max(observed_at) AS seen_at
    FROM unnest(
        %(unit)s::text[], %(counter)s::text[], %(device)s::text[], %(newest)s::timestamptz[]
    ) AS seen (unit, counter, id, observed_at)
    GROUP BY 1, 2, 3
) AS seen
WHERE device.retired_at IS NOT NULL
    AND device.unit = seen.unit AND device.counter = seen.counter AND device.id = seen.id
    AND seen.seen_at > coalesce(device.retired_seen, '-infinity')
RETURNING device.unit, device.counter, device.id

-- name: insert_observations
-- Only rows that are really new reach the times of counts, so a resend changes nothing.
WITH fresh AS (
    INSERT INTO observation (
        id, observed_at, unit, counter, device, seq, window_s, frames, fps, queue_length,
        people_present, faces, readings, negative, neutral, positive
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(window_s)s::double precision[],
        %(frames)s::integer[], %(fps)s::double precision[], %(queue_length)s::integer[],
        %(people_present)s::integer[], %(faces)s::bigint[], %(readings)s::bigint[],
        %(negative)s::double precision[], %(neutral)s::double precision[],
        %(positive)s::double precision[]
    )
    ON CONFLICT DO NOTHING
    RETURNING id, observed_at, unit, counter, queue_length, people_present
)
INSERT INTO presence_hourly AS total (unit, counter, hour, last_seen, last_counted)
SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), max(observed_at), max(observed_at)
FROM fresh
WHERE coalesce(people_present, queue_length) IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (unit, counter, hour) DO UPDATE SET last_counted = EXCLUDED.last_counted
WHERE total.last_counted IS NULL OR total.last_counted < EXCLUDED.last_counted

-- name: update_counters
-- Of two observations at the same time the greater id stays; a time ahead of this clock was written
-- by a wrong one and blocks nothing. Counters are locked in the order of their keys, so that two
-- writers cannot deadlock.
WITH newest AS (
    SELECT DISTINCT ON (unit, counter)
        unit, counter, device, id, seen_at, queue_length
    FROM unnest(
        %(id)s::uuid[], %(seen_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(queue_length)s::integer[]
    ) AS sent (id, seen_at, unit, counter, device, queue_length)
    ORDER BY unit, counter, seen_at DESC, id DESC
), locked AS (
    SELECT counter.unit, counter.id
    FROM counter JOIN newest ON counter.unit = newest.unit AND counter.id = newest.counter
    ORDER BY 1, 2
    FOR NO KEY UPDATE OF counter
)
UPDATE counter SET
    observation = newest.id,
    observed_at = newest.seen_at,
    queue_length = newest.queue_length,
    observed_by = newest.device
FROM locked JOIN newest ON locked.unit = newest.unit AND locked.id = newest.counter
WHERE counter.unit = newest.unit AND counter.id = newest.counter
    AND (counter.observed_at IS NULL
         OR counter.observed_at > %(now)s::timestamptz
         OR (counter.observed_at, counter.observation) < (newest.seen_at, newest.id))

-- name: insert_visits
-- Only rows that are really new are added to the hourly totals. Returns the unit's days whose
-- expressions may have changed.
WITH fresh AS (
    INSERT INTO visit (
        id, observed_at, unit, counter, device, seq, started_at, service_s, wait_s, faces,
        readings, negative, neutral, positive, expression_change, complete
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(started_at)s::timestamptz[],
        %(service_s)s::double precision[], %(wait_s)s::double precision[], %(faces)s::bigint[],
        %(readings)s::bigint[], %(negative)s::double precision[], %(neutral)s::double precision[],
        %(positive)s::double precision[], %(expression_change)s::double precision[],
        %(complete)s::boolean[]
    )
    ON CONFLICT DO NOTHING
    RETURNING unit, counter, observed_at, started_at, complete, service_s, readings
), attributed AS MATERIALIZED (
    SELECT fresh.*, officer, family
    FROM fresh
    CROSS JOIN LATERAL attribution(
        unit, counter, started_at + (observed_at - started_at) / 2
    )
), hourly AS (
    INSERT INTO visit_hourly AS total (unit, counter, hour, officer, family, visits, newest)
    SELECT
        unit, counter, date_trunc('hour', observed_at, 'UTC'), officer, family, count(*),
        max(observed_at)
    FROM attributed
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (unit, counter, hour, officer, family) DO UPDATE SET
        visits = total.visits + EXCLUDED.visits,
        newest = greatest(total.newest, EXCLUDED.newest)
), service_times AS (
    INSERT INTO service_time_hourly AS total (
        unit, counter, hour, officer, family, bin, visits, newest
    )
    SELECT
        unit, counter, date_trunc('hour', observed_at, 'UTC'), officer, family,
        log_bin(service_s), count(*), max(observed_at)
    FROM attributed
    WHERE complete
    GROUP BY 1, 2, 3, 4, 5, 6
    ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (unit, counter, hour, officer, family, bin) DO UPDATE SET
        visits = total.visits + EXCLUDED.visits,
        newest = greatest(total.newest, EXCLUDED.newest)
)
SELECT DISTINCT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date
FROM fresh
WHERE readings IS NOT NULL
ORDER BY 1, 2

-- name: lock_expression_days
-- Before they are recomputed, in a statement of its own: the next one then sees what another writer
-- of the same day has committed meanwhile.
INSERT INTO expression_daily AS known (unit, day)
SELECT unit, day FROM unnest(%(unit)s::text[], %(day)s::date[]) AS wanted (unit, day)
ORDER BY unit, day
ON CONFLICT (unit, day) DO UPDATE SET seen = known.seen

-- name: recompute_expression_days
-- The difference that a single visit makes would tell that person's expression, and a late visit
-- shifts the groups of ten: the day is drawn anew.
UPDATE expression_daily SET
    seen = told.seen,
    visits = told.visits,
    negative = told.negative,
    neutral = told.neutral,
    positive = told.positive,
    positive_squared = told.positive_squared,
    newest = told.newest
FROM expression_counts(%(unit)s::text[], %(day)s::date[]) AS told
WHERE expression_daily.unit = told.unit AND expression_daily.day = told.day

-- name: insert_waits
-- How long people waited, and how many left. A wait belongs to whoever served when it ended.
WITH fresh AS (
    INSERT INTO wait (
        id, observed_at, unit, counter, device, seq, started_at, wait_s, outcome
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(started_at)s::timestamptz[],
        %(wait_s)s::double precision[], %(outcome)s::text[]
    )
    ON CONFLICT DO NOTHING
    RETURNING unit, counter, observed_at, wait_s, outcome
)
INSERT INTO wait_hourly AS total (
    unit, counter, hour, officer, family, bin, served, within_15, within_30, abandoned, newest
)
SELECT
    unit, counter, date_trunc('hour', observed_at, 'UTC'), officer, family, log_bin(wait_s),
    count(*) FILTER (WHERE outcome = 'served'),
    count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 900),
    count(*) FILTER (WHERE outcome = 'served' AND wait_s <= 1800),
    count(*) FILTER (WHERE outcome = 'left'), max(observed_at)
FROM fresh CROSS JOIN LATERAL attribution(unit, counter, observed_at)
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (unit, counter, hour, officer, family, bin) DO UPDATE SET
    served = total.served + EXCLUDED.served,
    within_15 = total.within_15 + EXCLUDED.within_15,
    within_30 = total.within_30 + EXCLUDED.within_30,
    abandoned = total.abandoned + EXCLUDED.abandoned,
    newest = greatest(total.newest, EXCLUDED.newest)

-- name: insert_ratings
-- An amendment is stored like a rating but never counted: it adds its reasons to the rating that it
-- names, or takes it back. Reasons come as one comma-separated text per row, for arrays do not nest.
-- A new rating is stored as official and in no total yet: it is counted by what server/facts/standings.py
-- finds. Returns what is really new.
WITH sent AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(score)s::smallint[], %(source)s::text[],
        %(language)s::text[], %(amends)s::uuid[], %(visit)s::uuid[], %(presence)s::text[],
        %(held_s)s::double precision[], %(withdrawn)s::boolean[], %(marked)s::text[],
        %(reasons)s::text[]
    ) AS sent (
        id, observed_at, unit, counter, device, seq, score, source, language, amends, visit, presence,
        held_s, withdrawn, marked, reasons
    )
), fresh AS (
    INSERT INTO rating (
        id, observed_at, unit, counter, device, seq, score, source, language, amends, visit, presence,
        held_s, withdrawn, marked
    )
    SELECT
        id, observed_at, unit, counter, device, seq, score, source, language, amends, visit, presence,
        held_s, withdrawn, marked
    FROM sent
    ON CONFLICT DO NOTHING
    RETURNING id, unit, counter, observed_at, amends, withdrawn, visit
), new_reasons AS (
    INSERT INTO rating_reason AS known (rating, reason, observed_at, unit, counter)
    SELECT coalesce(amends, id), reason, min(observed_at), min(unit), min(counter)
    FROM sent, unnest(string_to_array(nullif(reasons, ''), ',')) AS reason
    GROUP BY 1, 2
    ORDER BY 1, 2
    ON CONFLICT (rating, reason) DO UPDATE SET observed_at = EXCLUDED.observed_at
    WHERE EXCLUDED.observed_at < known.observed_at
)
SELECT id, unit, counter, observed_at, visit, amends FROM fresh WHERE amends IS NULL OR withdrawn

-- name: insert_prompts
-- The steps of requests for ratings; each step is a message, so that each is counted by itself.
WITH fresh AS (
    INSERT INTO prompt (
        id, observed_at, unit, counter, device, seq, prompt, event, opened_by, visit, rating
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(prompt)s::uuid[], %(event)s::text[],
        %(opened_by)s::text[], %(visit)s::uuid[], %(rating)s::uuid[]
    )
    ON CONFLICT DO NOTHING
    RETURNING unit, counter, observed_at, event
)
INSERT INTO prompt_hourly AS total (
    unit, counter, hour, officer, family, shown, answered, skipped, timed_out, newest
)
SELECT
    unit, counter, date_trunc('hour', observed_at, 'UTC'), officer, family,
    count(*) FILTER (WHERE event = 'shown'), count(*) FILTER (WHERE event = 'answered'),
    count(*) FILTER (WHERE event = 'skipped'), count(*) FILTER (WHERE event = 'timed_out'),
    max(observed_at)
FROM fresh CROSS JOIN LATERAL attribution(unit, counter, observed_at)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (unit, counter, hour, officer, family) DO UPDATE SET
    shown = total.shown + EXCLUDED.shown,
    answered = total.answered + EXCLUDED.answered,
    skipped = total.skipped + EXCLUDED.skipped,
    timed_out = total.timed_out + EXCLUDED.timed_out,
    newest = greatest(total.newest, EXCLUDED.newest)

-- name: insert_officer_sessions
-- Returns the counters at which who is on duty may have changed, and since when.
WITH fresh AS (
    INSERT INTO officer_session (
        id, observed_at, unit, counter, device, seq, session, event, method, automatic, officer
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(session)s::uuid[], %(event)s::text[],
        %(method)s::text[], %(automatic)s::boolean[], %(officer)s::text[]
    )
    ON CONFLICT DO NOTHING
    RETURNING unit, counter, observed_at
)
SELECT unit, counter, min(observed_at), max(observed_at)
FROM fresh
GROUP BY 1, 2
ORDER BY 1, 2

-- name: insert_tickets
-- A ticket that is told late changes what is known of the two hours after it: those that are counted
-- already are marked. In order of time there is nothing to mark.
WITH fresh AS (
    INSERT INTO ticket (
        id, observed_at, unit, counter, device, seq, event, to_counter, number, service, dossier
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(event)s::text[], %(to_counter)s::text[],
        %(number)s::text[], %(service)s::text[], %(dossier)s::text[]
    )
    ON CONFLICT DO NOTHING
    RETURNING unit, counter, observed_at, event
)
INSERT INTO dirty_hour (unit, counter, hour, cause)
SELECT DISTINCT fresh.unit, fresh.counter, counted.hour, 'ticket'
FROM fresh
CROSS JOIN LATERAL counted_hours(
    fresh.unit, fresh.counter, fresh.observed_at, fresh.observed_at + INTERVAL '2 hours'
) AS counted (hour)
WHERE fresh.event <> 'issued'
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING

-- name: insert_health
-- The history of heartbeats; the key alone makes a resend harmless.
INSERT INTO health (
    id, observed_at, unit, counter, device, seq, status, session, software, uptime_s,
    outbox_depth, outbox_oldest_s, camera, fps, detector, people_detector, expression_model,
    cpu_percent, memory_mb, disk_free_mb, temperature_c, config_version, problems, simulated,
    clock_synchronised
)
SELECT * FROM unnest(
    %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
    %(device)s::text[], %(seq)s::bigint[], %(status)s::text[], %(session)s::uuid[],
    %(software)s::text[], %(uptime_s)s::double precision[], %(outbox_depth)s::bigint[],
    %(outbox_oldest_s)s::double precision[], %(camera)s::text[], %(fps)s::double precision[],
    %(detector)s::text[], %(people_detector)s::text[], %(expression_model)s::text[],
    %(cpu_percent)s::double precision[], %(memory_mb)s::double precision[],
    %(disk_free_mb)s::double precision[], %(temperature_c)s::double precision[],
    %(config_version)s::bigint[], %(problems)s::jsonb[], %(simulated)s::boolean[],
    %(clock_synchronised)s::boolean[]
)
ON CONFLICT DO NOTHING

-- name: update_device_health
-- "Latest" is the last observed by the server's clock: an older heartbeat that arrives late changes
-- nothing, nor does the same one again. A last will only says which session has ended, and carries no
-- figures. The session before the present one has ended whatever its number: a device whose clock was
-- ahead and was set right has a smaller one now.
WITH sent AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(seen_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(status)s::text[], %(session)s::uuid[],
        %(software)s::text[], %(uptime_s)s::double precision[], %(outbox_depth)s::bigint[],
        %(outbox_oldest_s)s::double precision[], %(camera)s::text[], %(fps)s::double precision[],
        %(detector)s::text[], %(people_detector)s::text[], %(expression_model)s::text[],
        %(cpu_percent)s::double precision[],
        %(memory_mb)s::double precision[], %(disk_free_mb)s::double precision[],
        %(temperature_c)s::double precision[], %(config_version)s::bigint[],
        %(problems)s::jsonb[], %(simulated)s::boolean[], %(clock_synchronised)s::boolean[]
    ) AS sent (
        id, seen_at, unit, counter, device, status, session, software, uptime_s, outbox_depth,
        outbox_oldest_s, camera, fps, detector, people_detector, expression_model, cpu_percent,
        memory_mb, disk_free_mb, temperature_c, config_version, problems, simulated,
        clock_synchronised
    )
), sessions AS (
    SELECT
        unit, counter, device,
        array_agg(session) FILTER (WHERE status = 'offline') AS ended
    FROM sent
    GROUP BY unit, counter, device
), newest AS (
    SELECT DISTINCT ON (unit, counter, device) *
    FROM sent
    WHERE status = 'online'
    ORDER BY unit, counter, device, seen_at DESC, session DESC, id DESC
), compared AS (
    SELECT
        sessions.unit, sessions.counter, sessions.device, sessions.ended,
        known.session, known.superseded_session, known.offline_session,
        newest.session AS online,
        newest.id IS NOT NULL AND (
            known.health_at IS NULL
            OR known.health_at > %(now)s::timestamptz
            OR (known.health_at, known.session, known.health)
                < (newest.seen_at, newest.session, newest.id)
        ) AS newer
    FROM sessions
    JOIN device AS known
        ON known.unit = sessions.unit AND known.counter = sessions.counter
        AND known.id = sessions.device
    LEFT JOIN newest
        ON newest.unit = sessions.unit AND newest.counter = sessions.counter
        AND newest.device = sessions.device
), change AS (
    SELECT
        unit, counter, device, newer, ended, offline_session,
        CASE WHEN newer THEN online ELSE session END AS session,
        CASE WHEN newer AND online <> session THEN session ELSE superseded_session END
            AS superseded_session
    FROM compared
)
UPDATE device SET
    session = change.session,
    superseded_session = change.superseded_session,
    offline_session = (
        SELECT gone FROM unnest(change.ended || change.offline_session) AS gone
        WHERE gone IS DISTINCT FROM change.superseded_session
        ORDER BY gone DESC NULLS LAST LIMIT 1
    ),
    health = CASE WHEN newer THEN newest.id ELSE device.health END,
    health_at = CASE WHEN newer THEN newest.seen_at ELSE device.health_at END,
    software = CASE WHEN newer THEN newest.software ELSE device.software END,
    uptime_s = CASE WHEN newer THEN newest.uptime_s ELSE device.uptime_s END,
    outbox_depth = CASE WHEN newer THEN newest.outbox_depth ELSE device.outbox_depth END,
    outbox_oldest_s = CASE WHEN newer THEN newest.outbox_oldest_s ELSE device.outbox_oldest_s END,
    camera = CASE WHEN newer THEN newest.camera ELSE device.camera END,
    fps = CASE WHEN newer THEN newest.fps ELSE device.fps END,
    detector = CASE WHEN newer THEN newest.detector ELSE device.detector END,
    people_detector =
        CASE WHEN newer THEN newest.people_detector ELSE device.people_detector END,
    expression_model =
        CASE WHEN newer THEN newest.expression_model ELSE device.expression_model END,
    cpu_percent = CASE WHEN newer THEN newest.cpu_percent ELSE device.cpu_percent END,
    memory_mb = CASE WHEN newer THEN newest.memory_mb ELSE device.memory_mb END,
    disk_free_mb = CASE WHEN newer THEN newest.disk_free_mb ELSE device.disk_free_mb END,
    temperature_c = CASE WHEN newer THEN newest.temperature_c ELSE device.temperature_c END,
    config_version = CASE WHEN newer THEN newest.config_version ELSE device.config_version END,
    problems = CASE WHEN newer THEN newest.problems ELSE device.problems END,
    simulated = CASE WHEN newer THEN newest.simulated ELSE device.simulated END,
    clock_synchronised =
        CASE WHEN newer THEN newest.clock_synchronised ELSE device.clock_synchronised END
FROM change
LEFT JOIN newest USING (unit, counter, device)
WHERE device.unit = change.unit AND device.counter = change.counter
    AND device.id = change.device

-- name: mark_links
-- The unit's days whose links are to be found anew. A mark is touched, not left alone: whoever takes it
-- meanwhile waits for the rows that it stands for. In the order of their keys, as everywhere.
INSERT INTO link_due AS known (unit, day)
SELECT DISTINCT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date
FROM unnest(%(unit)s::text[], %(observed_at)s::timestamptz[]) AS told (unit, observed_at)
ORDER BY 1, 2
ON CONFLICT (unit, day) DO UPDATE SET since = known.since
