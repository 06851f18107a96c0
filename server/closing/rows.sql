-- name: visit
-- As every statement here: a row a local day, with how many rows were known at `known_at`, how many came since,
-- and the SHA-256 of the former in the order of their keys. record_send is a row's binary form, each value with
-- its type and length: it depends on no setting of the session, and is made faster than text.
SELECT
    (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE received_at <= %(known_at)s),
    count(*) FILTER (WHERE received_at > %(known_at)s),
    sha256(coalesce(string_agg(record_send(ROW(
        id, observed_at, unit, counter, device, seq, started_at, service_s, wait_s, faces, readings, negative,
        neutral, positive, expression_change, complete, received_at
    )), ''::bytea ORDER BY id, observed_at) FILTER (WHERE received_at <= %(known_at)s), ''::bytea))
FROM visit
WHERE observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1

-- name: wait
-- Likewise.
SELECT
    (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE received_at <= %(known_at)s),
    count(*) FILTER (WHERE received_at > %(known_at)s),
    sha256(coalesce(string_agg(record_send(ROW(
        id, observed_at, unit, counter, device, seq, started_at, wait_s, outcome, received_at
    )), ''::bytea ORDER BY id, observed_at) FILTER (WHERE received_at <= %(known_at)s), ''::bytea))
FROM wait
WHERE observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1

-- name: rating
-- Without its standing, which a late neighbour may change: daily totals tell that.
SELECT
    (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE received_at <= %(known_at)s),
    count(*) FILTER (WHERE received_at > %(known_at)s),
    sha256(coalesce(string_agg(record_send(ROW(
        id, observed_at, unit, counter, device, seq, score, source, language, amends, received_at, visit,
        presence, held_s, marked, withdrawn
    )), ''::bytea ORDER BY id, observed_at) FILTER (WHERE received_at <= %(known_at)s), ''::bytea))
FROM rating
WHERE observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1

-- name: prompt
-- Likewise.
SELECT
    (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE received_at <= %(known_at)s),
    count(*) FILTER (WHERE received_at > %(known_at)s),
    sha256(coalesce(string_agg(record_send(ROW(
        id, observed_at, unit, counter, device, seq, prompt, event, opened_by, visit, rating, received_at
    )), ''::bytea ORDER BY id, observed_at) FILTER (WHERE received_at <= %(known_at)s), ''::bytea))
FROM prompt
WHERE observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1

-- name: ticket
-- Likewise.
SELECT
    (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE received_at <= %(known_at)s),
    count(*) FILTER (WHERE received_at > %(known_at)s),
    sha256(coalesce(string_agg(record_send(ROW(
        id, observed_at, unit, counter, device, seq, number, event, service, received_at, to_counter
    )), ''::bytea ORDER BY id, observed_at) FILTER (WHERE received_at <= %(known_at)s), ''::bytea))
FROM ticket
WHERE observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1

-- name: officer_session
-- Without the officer's code, which erasure replaces.
SELECT
    (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*) FILTER (WHERE received_at <= %(known_at)s),
    count(*) FILTER (WHERE received_at > %(known_at)s),
    sha256(coalesce(string_agg(record_send(ROW(
        id, observed_at, unit, counter, device, seq, session, event, method, automatic, received_at
    )), ''::bytea ORDER BY id, observed_at) FILTER (WHERE received_at <= %(known_at)s), ''::bytea))
FROM officer_session
WHERE observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY 1

-- name: dossiers_received
-- As they were known then: rows that were replaced since are kept (032).
WITH known AS (
    SELECT (begun_at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows,
        sha256(string_agg(bytes, ''::bytea ORDER BY code)) AS digest
    FROM dossier_bytes
    WHERE begun_at >= %(start)s AND begun_at < %(end)s
    GROUP BY 1
), later AS (
    SELECT (begun_at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows
    FROM dossier
    WHERE begun_at >= %(start)s AND begun_at < %(end)s
        AND coalesce(known_from, stored_at) > %(known_at)s
    GROUP BY 1
)
SELECT
    coalesce(known.day, later.day), coalesce(known.rows, 0), coalesce(later.rows, 0),
    coalesce(known.digest, sha256(''))
FROM known FULL JOIN later ON later.day = known.day

-- name: dossiers_ended
-- Those that were received earlier, too.
WITH known AS (
    SELECT (ended_at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows,
        sha256(string_agg(bytes, ''::bytea ORDER BY code)) AS digest
    FROM dossier_bytes
    WHERE ended_at >= %(start)s AND ended_at < %(end)s
    GROUP BY 1
), later AS (
    SELECT (ended_at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows
    FROM dossier
    WHERE ended_at >= %(start)s AND ended_at < %(end)s
        AND coalesce(known_from, stored_at) > %(known_at)s
    GROUP BY 1
)
SELECT
    coalesce(known.day, later.day), coalesce(known.rows, 0), coalesce(later.rows, 0),
    coalesce(known.digest, sha256(''))
FROM known FULL JOIN later ON later.day = known.day

-- name: complaints
-- As they were known then, by the day of their end or receipt.
WITH known AS MATERIALIZED (
    SELECT
        (coalesce(ended_at, received_at) AT TIME ZONE INTERVAL '7 hours')::date AS day, complaint_known AS known
    FROM complaint_known
    WHERE coalesce(ended_at, received_at) >= %(start)s AND coalesce(ended_at, received_at) < %(end)s
), later AS (
    SELECT (coalesce(ended_at, received_at) AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows
    FROM complaint
    WHERE coalesce(ended_at, received_at) >= %(start)s AND coalesce(ended_at, received_at) < %(end)s
        AND coalesce(known_from, stored_at) > %(known_at)s
    GROUP BY 1
)
SELECT
    coalesce(known.day, later.day), count(known.day), coalesce(max(later.rows), 0),
    sha256(coalesce(string_agg(record_send(ROW(
        (known).id, (known).unit, (known).procedure, (known).received_at, (known).resolved_at,
        (known).published_at, (known).satisfied, (known).publish_due, (known).ended_at, (known).overdue_at,
        (known).in_time
    )), ''::bytea ORDER BY (known).id) FILTER (WHERE known.day IS NOT NULL), ''::bytea))
FROM known FULL JOIN later ON later.day = known.day
GROUP BY 1

-- name: visit_daily
-- Totals have no time of receipt: nothing is late here by itself.
SELECT
    day, count(*), 0::bigint,
    sha256(string_agg(record_send(ROW(unit, counter, day, visits, newest)), ''::bytea ORDER BY unit, counter))
FROM visit_daily
WHERE day >= %(first_day)s AND day < %(end_day)s AND visits <> 0
GROUP BY 1

-- name: service_time_daily
-- Likewise.
SELECT
    day, count(*), 0::bigint,
    sha256(string_agg(
        record_send(ROW(unit, counter, day, bin, visits, newest)), ''::bytea ORDER BY unit, counter, bin
    ))
FROM service_time_daily
WHERE day >= %(first_day)s AND day < %(end_day)s AND visits <> 0
GROUP BY 1

-- name: wait_daily
-- Likewise.
SELECT
    day, count(*), 0::bigint,
    sha256(string_agg(
        record_send(ROW(unit, counter, day, bin, served, within_15, within_30, abandoned, newest)),
        ''::bytea ORDER BY unit, counter, bin
    ))
FROM wait_daily
WHERE day >= %(first_day)s AND day < %(end_day)s AND (served, abandoned) <> (0, 0)
GROUP BY 1

-- name: rating_daily
-- Late are here ratings that a contest left out since.
WITH totals AS (
    SELECT
        day, count(*) AS rows,
        sha256(string_agg(record_send(ROW(
            unit, counter, day, score_1, score_2, score_3, score_4, score_5, newest, suspect_1, suspect_2,
            suspect_3, suspect_4, suspect_5
        )), ''::bytea ORDER BY unit, counter)) AS digest
    FROM rating_daily
    WHERE day >= %(first_day)s AND day < %(end_day)s
    GROUP BY 1
), later AS (
    SELECT (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows
    FROM rating_left_out AS gone JOIN rating ON rating.id = gone.rating
    WHERE gone.at > %(known_at)s AND observed_at >= %(start)s AND observed_at < %(end)s
    GROUP BY 1
)
SELECT
    coalesce(totals.day, later.day), coalesce(totals.rows, 0), coalesce(later.rows, 0),
    coalesce(totals.digest, sha256(''))
FROM totals FULL JOIN later ON later.day = totals.day

-- name: prompt_daily
-- Likewise.
SELECT
    day, count(*), 0::bigint,
    sha256(string_agg(
        record_send(ROW(unit, counter, day, shown, answered, skipped, timed_out, newest)),
        ''::bytea ORDER BY unit, counter
    ))
FROM prompt_daily
WHERE day >= %(first_day)s AND day < %(end_day)s
GROUP BY 1

-- name: expression_daily
-- Likewise.
SELECT
    day, count(*), 0::bigint,
    sha256(string_agg(
        record_send(ROW(unit, day, seen, visits, negative, neutral, positive, positive_squared, newest)),
        ''::bytea ORDER BY unit
    ))
FROM expression_daily
WHERE day >= %(first_day)s AND day < %(end_day)s
GROUP BY 1

-- name: dossier_total
-- Without rows of zeros, which a correction leaves behind. Late are here dossiers that have changed since, on
-- each of the days on which they counted before or count now.
WITH totals AS (
    SELECT
        day, count(*) AS rows,
        sha256(string_agg(record_send(ROW(
            role, unit, day, received, online, other_area, fee_due, paid_online, digitised_told, digitised,
            reused_told, reused, ended, done, before_time, on_time, late, late_apologised, supplemented,
            result_told, result_digitised, rated, satisfied, apologised, turned_overdue, left_overdue
        )), ''::bytea ORDER BY role, unit)) AS digest
    FROM dossier_total
    WHERE level = 'day' AND day >= %(first_day)s AND day < %(end_day)s
        AND (received, ended, turned_overdue, left_overdue, rated, apologised) <> (0, 0, 0, 0, 0, 0)
    GROUP BY 1
), changed AS (
    SELECT begun_at, ended_at, overdue_at, apologised_at FROM dossier
    WHERE coalesce(known_from, stored_at) > %(known_at)s
    UNION ALL
    SELECT begun_at, ended_at, overdue_at, apologised_at FROM dossier_past WHERE known_until > %(known_at)s
), later AS (
    SELECT (at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS rows
    FROM changed CROSS JOIN LATERAL (
        VALUES (begun_at), (ended_at), (overdue_at), (apologised_at)
    ) AS days (at)
    WHERE at >= %(start)s AND at < %(end)s
    GROUP BY 1
)
SELECT
    coalesce(totals.day, later.day), coalesce(totals.rows, 0), coalesce(later.rows, 0),
    coalesce(totals.digest, sha256(''))
FROM totals FULL JOIN later ON later.day = totals.day

-- name: be_brief
-- While we wait, whoever writes next waits behind us: not longer than ingest notices.
SET LOCAL lock_timeout = '3s'

-- name: lock
-- Whoever writes such rows at this moment ends first: what was received before is seen from then on.
LOCK TABLE visit, wait, rating, prompt, ticket, officer_session, dossier, complaint IN SHARE MODE

-- name: now
-- By the clock that says when rows were received.
SELECT clock_timestamp()

-- name: horizon
-- Messages before it are not kept any more.
SELECT kept_from FROM raw_horizon

-- name: sort_in_memory
-- A month of rows of one table is sorted; on disk that takes twice as long.
SET LOCAL work_mem = '128MB'
