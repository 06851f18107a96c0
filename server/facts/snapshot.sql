-- name: units
-- The tree as it is valid today; a unit that was merged away keeps its history but is not listed.
SELECT
    id, parent, kind, name_vi, name_en,
    EXISTS (SELECT FROM device WHERE device.unit = unit.id AND device.simulated)
FROM unit
WHERE valid_from <= %(today)s AND %(today)s < valid_to
ORDER BY id

-- name: ratings_of_day
-- From the hourly totals: the same cost at noon of a busy day as in the morning.
SELECT
    unit, sum(score_1)::bigint, sum(score_2)::bigint, sum(score_3)::bigint,
    sum(score_4)::bigint, sum(score_5)::bigint, max(newest)
FROM rating_hourly
WHERE hour >= %(start)s AND hour < %(end)s
GROUP BY unit

-- name: visits_of_day
-- From the hourly totals, like the ratings.
SELECT unit, sum(visits)::bigint, max(newest)
FROM visit_hourly
WHERE hour >= %(start)s AND hour < %(end)s
GROUP BY unit

-- name: expressions_of_day
-- The day's first visits in whole groups of `floor` a unit: the difference that a single visit
-- makes would tell that person's expression. Shares have six digits here, as exact numbers: their
-- sums depend on no order, and the square of 1e-170 is no error.
WITH seen AS (
    SELECT
        unit, observed_at, round(negative::numeric, 6) AS negative,
        round(neutral::numeric, 6) AS neutral, round(positive::numeric, 6) AS positive,
        row_number() OVER (PARTITION BY unit ORDER BY observed_at, id) AS place,
        count(*) OVER (PARTITION BY unit) AS visits
    FROM visit
    WHERE readings IS NOT NULL AND observed_at >= %(start)s AND observed_at < %(end)s
), told AS (
    SELECT
        unit, count(*) AS visits, max(observed_at) AS newest,
        sum(negative)::double precision AS negative, sum(neutral)::double precision AS neutral,
        sum(positive)::double precision AS positive,
        sum(positive * positive)::double precision AS positive_squared
    FROM seen
    WHERE place <= visits - visits %% %(floor)s
    GROUP BY unit
)
SELECT
    unit, seen.visits, coalesce(told.visits, 0), coalesce(negative, 0), coalesce(neutral, 0),
    coalesce(positive, 0), coalesce(positive_squared, 0), told.newest
FROM (SELECT unit, count(*) AS visits FROM seen GROUP BY unit) AS seen
LEFT JOIN told USING (unit)

-- name: watched_of_day
-- When people were last counted today; a camera that is away sends windows without a count.
SELECT unit, max(newest_count)
FROM observation_hourly
WHERE hour >= %(start)s AND hour < %(end)s AND newest_count IS NOT NULL
GROUP BY unit

-- name: service_times_of_day
-- A median needs the values themselves; the index on complete visits holds all three columns.
SELECT unit, array_agg(service_s ORDER BY service_s), max(observed_at)
FROM visit
WHERE complete AND observed_at >= %(start)s AND observed_at < %(end)s
GROUP BY unit

-- name: counter_states
-- The newest observation per counter is kept up to date by ingest, so nothing is searched here.
SELECT unit, observed_at, queue_length FROM counter WHERE observed_at IS NOT NULL

-- name: devices
-- All known devices with their latest health. A session that has ended is the newest one known.
SELECT
    unit, counter, id, simulated, last_seen,
    coalesce(offline_session >= session, offline_session IS NOT NULL),
    software, camera, fps, outbox_depth, detector, people_detector, expression_model, problems
FROM device
ORDER BY unit, counter, id

-- name: quarantine_page
-- The newest refusals first; the payload is shown only as far as a person would read it.
SELECT
    id, topic, refusal, reason, payload_bytes, substring(payload FROM 1 FOR 500), received_at,
    last_received_at, times_received, replayed_at
FROM quarantine
WHERE id < %(before)s
ORDER BY id DESC
LIMIT %(limit)s

-- name: ping
-- Whether the database answers.
SELECT 1
