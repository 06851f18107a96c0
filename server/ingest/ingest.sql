-- name: register_addresses
-- A message may come from a unit, counter or device that nobody has registered: it registers itself,
-- named by its id. `last_seen` is the newest time observed, whatever the order of arrival. Rows are
-- touched in the order of their keys, so that two writers cannot deadlock.
WITH seen AS (
    SELECT unit, counter, id, observed_at
    FROM unnest(%(unit)s::text[], %(counter)s::text[], %(device)s::text[], %(newest)s::timestamptz[])
        AS seen (unit, counter, id, observed_at)
), new_units AS (
    INSERT INTO unit (id, name_vi, name_en)
    SELECT DISTINCT seen.unit, seen.unit, seen.unit FROM seen
    WHERE NOT EXISTS (SELECT FROM unit WHERE unit.id = seen.unit)
    ORDER BY 1
    ON CONFLICT DO NOTHING
), new_counters AS (
    INSERT INTO counter (unit, id)
    SELECT DISTINCT seen.unit, seen.counter FROM seen
    WHERE NOT EXISTS (
        SELECT FROM counter WHERE counter.unit = seen.unit AND counter.id = seen.counter
    )
    ORDER BY 1, 2
    ON CONFLICT DO NOTHING
)
INSERT INTO device AS known (unit, counter, id, last_seen)
SELECT unit, counter, id, max(observed_at) FROM seen
GROUP BY unit, counter, id
ORDER BY unit, counter, id
ON CONFLICT (unit, counter, id) DO UPDATE SET last_seen = EXCLUDED.last_seen
WHERE known.last_seen IS NULL OR known.last_seen < EXCLUDED.last_seen

-- name: insert_observations
-- Only rows that are really new reach the hourly totals and the counter's newest observation, so a
-- resend changes nothing. Of two observations at the same time the greater id stays. Counters are
-- locked in the order of their keys, so that two writers cannot deadlock.
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
    RETURNING id, observed_at, unit, counter, frames, queue_length, people_present, readings
), hourly AS (
    INSERT INTO observation_hourly AS total (
        unit, counter, hour, windows, frames, queue_windows, queue_length_sum, queue_length_max,
        present_windows, people_present_sum, people_present_max, readings, newest, newest_count
    )
    SELECT
        unit, counter, date_trunc('hour', observed_at, 'UTC'), count(*), sum(frames),
        count(queue_length), coalesce(sum(queue_length), 0), max(queue_length),
        count(people_present), coalesce(sum(people_present), 0), max(people_present),
        coalesce(sum(readings), 0), max(observed_at),
        max(observed_at) FILTER (WHERE coalesce(people_present, queue_length) IS NOT NULL)
    FROM fresh
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
    ON CONFLICT (unit, counter, hour) DO UPDATE SET
        windows = total.windows + EXCLUDED.windows,
        frames = total.frames + EXCLUDED.frames,
        queue_windows = total.queue_windows + EXCLUDED.queue_windows,
        queue_length_sum = total.queue_length_sum + EXCLUDED.queue_length_sum,
        queue_length_max = greatest(total.queue_length_max, EXCLUDED.queue_length_max),
        present_windows = total.present_windows + EXCLUDED.present_windows,
        people_present_sum = total.people_present_sum + EXCLUDED.people_present_sum,
        people_present_max = greatest(total.people_present_max, EXCLUDED.people_present_max),
        readings = total.readings + EXCLUDED.readings,
        newest = greatest(total.newest, EXCLUDED.newest),
        newest_count = greatest(total.newest_count, EXCLUDED.newest_count)
), newest AS (
    SELECT DISTINCT ON (unit, counter)
        unit, counter, id, observed_at, queue_length, people_present
    FROM fresh
    ORDER BY unit, counter, observed_at DESC, id DESC
), locked AS (
    SELECT counter.unit, counter.id
    FROM counter JOIN newest ON counter.unit = newest.unit AND counter.id = newest.counter
    ORDER BY 1, 2
    FOR NO KEY UPDATE OF counter
)
UPDATE counter SET
    observation = newest.id,
    observed_at = newest.observed_at,
    queue_length = newest.queue_length,
    people_present = newest.people_present
FROM locked JOIN newest ON locked.unit = newest.unit AND locked.id = newest.counter
WHERE counter.unit = newest.unit AND counter.id = newest.counter
    AND (counter.observed_at IS NULL
         OR (counter.observed_at, counter.observation) < (newest.observed_at, newest.id))

-- name: insert_visits
-- As for observations; means over visits are kept as sums and counts, so that hours add up.
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
    RETURNING unit, counter, observed_at, complete, service_s::numeric, wait_s::numeric,
        negative::numeric, neutral::numeric, positive::numeric
)
INSERT INTO visit_hourly AS total (
    unit, counter, hour, visits, complete_visits, service_s, waited_visits, wait_s,
    expression_visits, negative, neutral, positive, positive_squared, newest, newest_expression
)
SELECT
    unit, counter, date_trunc('hour', observed_at, 'UTC'), count(*),
    count(*) FILTER (WHERE complete), coalesce(sum(service_s) FILTER (WHERE complete), 0),
    count(wait_s), coalesce(sum(wait_s), 0), count(positive), coalesce(sum(negative), 0),
    coalesce(sum(neutral), 0), coalesce(sum(positive), 0), coalesce(sum(positive * positive), 0),
    max(observed_at), max(observed_at) FILTER (WHERE positive IS NOT NULL)
FROM fresh
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (unit, counter, hour) DO UPDATE SET
    visits = total.visits + EXCLUDED.visits,
    complete_visits = total.complete_visits + EXCLUDED.complete_visits,
    service_s = total.service_s + EXCLUDED.service_s,
    waited_visits = total.waited_visits + EXCLUDED.waited_visits,
    wait_s = total.wait_s + EXCLUDED.wait_s,
    expression_visits = total.expression_visits + EXCLUDED.expression_visits,
    negative = total.negative + EXCLUDED.negative,
    neutral = total.neutral + EXCLUDED.neutral,
    positive = total.positive + EXCLUDED.positive,
    positive_squared = total.positive_squared + EXCLUDED.positive_squared,
    newest = greatest(total.newest, EXCLUDED.newest),
    newest_expression = greatest(total.newest_expression, EXCLUDED.newest_expression)

-- name: insert_waits
-- Nothing is derived from waits yet; the key alone makes a resend harmless.
INSERT INTO wait (
    id, observed_at, unit, counter, device, seq, started_at, wait_s, outcome
)
SELECT * FROM unnest(
    %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
    %(device)s::text[], %(seq)s::bigint[], %(started_at)s::timestamptz[],
    %(wait_s)s::double precision[], %(outcome)s::text[]
)
ON CONFLICT DO NOTHING

-- name: insert_ratings
-- An amendment is stored like a rating but never counted: it only adds its reasons to the rating
-- that it names. Reasons come as one comma-separated text per row, for arrays do not nest.
WITH sent AS (
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(score)s::smallint[], %(source)s::text[],
        %(language)s::text[], %(amends)s::uuid[], %(reasons)s::text[]
    ) AS sent (id, observed_at, unit, counter, device, seq, score, source, language, amends, reasons)
), fresh AS (
    INSERT INTO rating (
        id, observed_at, unit, counter, device, seq, score, source, language, amends
    )
    SELECT id, observed_at, unit, counter, device, seq, score, source, language, amends FROM sent
    ON CONFLICT DO NOTHING
    RETURNING id, observed_at, unit, counter, score, amends
), new_reasons AS (
    INSERT INTO rating_reason AS known (rating, reason, observed_at, unit, counter)
    SELECT coalesce(amends, id), reason, min(observed_at), min(unit), min(counter)
    FROM sent, unnest(string_to_array(nullif(reasons, ''), ',')) AS reason
    GROUP BY 1, 2
    ORDER BY 1, 2
    ON CONFLICT (rating, reason) DO UPDATE SET observed_at = EXCLUDED.observed_at
    WHERE EXCLUDED.observed_at < known.observed_at
)
INSERT INTO rating_hourly AS total (
    unit, counter, hour, score_1, score_2, score_3, score_4, score_5, newest
)
SELECT
    unit, counter, date_trunc('hour', observed_at, 'UTC'),
    count(*) FILTER (WHERE score = 1), count(*) FILTER (WHERE score = 2),
    count(*) FILTER (WHERE score = 3), count(*) FILTER (WHERE score = 4),
    count(*) FILTER (WHERE score = 5), max(observed_at)
FROM fresh
WHERE amends IS NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
ON CONFLICT (unit, counter, hour) DO UPDATE SET
    score_1 = total.score_1 + EXCLUDED.score_1,
    score_2 = total.score_2 + EXCLUDED.score_2,
    score_3 = total.score_3 + EXCLUDED.score_3,
    score_4 = total.score_4 + EXCLUDED.score_4,
    score_5 = total.score_5 + EXCLUDED.score_5,
    newest = greatest(total.newest, EXCLUDED.newest)

-- name: insert_tickets
-- Nothing is derived from tickets yet; the key alone makes a resend harmless.
INSERT INTO ticket (id, observed_at, unit, counter, device, seq, number, event, service)
SELECT * FROM unnest(
    %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
    %(device)s::text[], %(seq)s::bigint[], %(number)s::text[], %(event)s::text[],
    %(service)s::text[]
)
ON CONFLICT DO NOTHING

-- name: insert_health
-- "Latest" is the last observed: an older heartbeat that arrives late changes nothing. A last will
-- only says which session has ended; it is no newer than that session and carries no figures.
WITH fresh AS (
    INSERT INTO health (
        id, observed_at, unit, counter, device, seq, status, session, software, uptime_s,
        outbox_depth, outbox_oldest_s, camera, fps, detector, people_detector, expression_model,
        cpu_percent, memory_mb, disk_free_mb, temperature_c, config_version, problems, simulated
    )
    SELECT * FROM unnest(
        %(id)s::uuid[], %(observed_at)s::timestamptz[], %(unit)s::text[], %(counter)s::text[],
        %(device)s::text[], %(seq)s::bigint[], %(status)s::text[], %(session)s::uuid[],
        %(software)s::text[], %(uptime_s)s::double precision[], %(outbox_depth)s::bigint[],
        %(outbox_oldest_s)s::double precision[], %(camera)s::text[], %(fps)s::double precision[],
        %(detector)s::text[], %(people_detector)s::text[], %(expression_model)s::text[],
        %(cpu_percent)s::double precision[],
        %(memory_mb)s::double precision[], %(disk_free_mb)s::double precision[],
        %(temperature_c)s::double precision[], %(config_version)s::bigint[],
        %(problems)s::jsonb[], %(simulated)s::boolean[]
    )
    ON CONFLICT DO NOTHING
    RETURNING *
), sessions AS (
    SELECT
        unit, counter, device,
        (array_agg(session ORDER BY session DESC) FILTER (WHERE status = 'online'))[1] AS online,
        (array_agg(session ORDER BY session DESC) FILTER (WHERE status = 'offline'))[1] AS ended
    FROM fresh
    GROUP BY unit, counter, device
), newest AS (
    SELECT DISTINCT ON (unit, counter, device) *
    FROM fresh
    WHERE status = 'online'
    ORDER BY unit, counter, device, observed_at DESC, id DESC
), change AS (
    SELECT
        sessions.unit, sessions.counter, sessions.device, sessions.online, sessions.ended,
        newest.id, newest.observed_at,
        newest.id IS NOT NULL AND (
            known.health_at IS NULL
            OR (known.health_at, known.health) < (newest.observed_at, newest.id)
        ) AS newer
    FROM sessions
    JOIN device AS known
        ON known.unit = sessions.unit AND known.counter = sessions.counter
        AND known.id = sessions.device
    LEFT JOIN newest
        ON newest.unit = sessions.unit AND newest.counter = sessions.counter
        AND newest.device = sessions.device
)
UPDATE device SET
    session = greatest(device.session, change.online),
    offline_session = greatest(device.offline_session, change.ended),
    health = CASE WHEN newer THEN newest.id ELSE device.health END,
    health_at = CASE WHEN newer THEN newest.observed_at ELSE device.health_at END,
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
    simulated = CASE WHEN newer THEN newest.simulated ELSE device.simulated END
FROM change
LEFT JOIN newest USING (unit, counter, device)
WHERE device.unit = change.unit AND device.counter = change.counter
    AND device.id = change.device

-- name: insert_quarantine
-- Kept with its reason. The same message again (retained, resent) is counted in its row, so that a
-- broken unit cannot fill the disk by repeating itself.
INSERT INTO quarantine AS kept (digest, topic, payload, payload_bytes, message, refusal, reason)
SELECT DISTINCT ON (digest) * FROM unnest(
    %(digest)s::bytea[], %(topic)s::text[], %(payload)s::bytea[], %(payload_bytes)s::bigint[],
    %(message)s::uuid[], %(refusal)s::text[], %(reason)s::text[]
) AS refused (digest, topic, payload, payload_bytes, message, refusal, reason)
ORDER BY digest
ON CONFLICT (digest) DO UPDATE SET
    last_received_at = now(),
    times_received = kept.times_received + 1

-- name: notify_change
-- Wakes the API's listeners; PostgreSQL delivers it only if this transaction commits.
SELECT pg_notify('motcua_change', '')

-- name: listen_change
-- The other end of notify_change.
LISTEN motcua_change

-- name: open_quarantine
-- What a replay tries again, in the order of arrival. Payloads that were cut cannot be replayed.
SELECT id, topic, payload, received_at
FROM quarantine
WHERE replayed_at IS NULL AND id > %(after)s AND octet_length(payload) = payload_bytes
ORDER BY id
LIMIT %(limit)s

-- name: mark_replayed
-- In the transaction that commits the message, so that a crash replays it again: harmlessly.
UPDATE quarantine SET replayed_at = now() WHERE id = %(id)s

-- name: renew_refusal
-- A later release may refuse the same message for a better reason.
UPDATE quarantine SET refusal = %(refusal)s, reason = %(reason)s WHERE id = %(id)s
