-- name: months_due
-- Kinds and months of which more, or less, is stored than when they were learnt, and whether days
-- before today still wait for their links. A month of which the horizon leaves some days is learnt
-- from these, unless it was learnt from more: then it stays as it was learnt.
WITH horizon AS (
    -- The first whole day that has raw rows.
    SELECT (kept_from AT TIME ZONE INTERVAL '7 hours' + INTERVAL '1 day' - INTERVAL '1 microsecond')::date AS day
    FROM raw_horizon
), alike AS (
    -- Simulated units teach nothing of real ones.
    SELECT id, CASE WHEN simulated THEN 'simulated ' ELSE '' END || kind AS kind FROM unit
)
SELECT
    kind, month, CASE WHEN horizon.day > month THEN horizon.day END, visits, coalesce(ratings, 0),
    EXISTS (
        SELECT
        FROM link_due JOIN alike ON alike.id = link_due.unit AND alike.kind = came.kind
        WHERE date_trunc('month', link_due.day::timestamp) = month AND link_due.day >= horizon.day
            AND link_due.day < (now() AT TIME ZONE INTERVAL '7 hours')::date
    )
FROM (
    SELECT kind, month, sum(visits)::bigint AS visits
    FROM visit_monthly JOIN alike ON alike.id = visit_monthly.unit
    GROUP BY 1, 2
) AS came
LEFT JOIN (
    SELECT
        kind, month, sum(score_1 + score_2 + score_3 + score_4 + score_5)::bigint AS ratings
    FROM rating_monthly JOIN alike ON alike.id = rating_monthly.unit
    GROUP BY 1, 2
) AS said USING (kind, month)
CROSS JOIN horizon
WHERE horizon.day < month + INTERVAL '1 month'
    AND NOT EXISTS (
        SELECT FROM experience_model AS model
        WHERE model.kind = came.kind AND model.month = came.month
            AND (
                coalesce(model.since, model.month) < horizon.day
                OR model.visits = came.visits AND model.ratings = coalesce(said.ratings, 0)
            )
    )
ORDER BY month, kind

-- name: plan_for_many
-- The planner takes the ties for some dozens, and would compare each visit with each of thousands.
SET LOCAL enable_nestloop = off

-- name: visits
-- Visits of a kind of unit in whole groups of ten a unit and day (decision 0012), each with the rating
-- that is linked with it (server/links). Two ratings of one visit are none.
WITH alike AS MATERIALIZED (
    SELECT id FROM unit WHERE CASE WHEN simulated THEN 'simulated ' ELSE '' END || kind = %(kind)s
), placed AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY unit, day ORDER BY observed_at, id) AS place,
        count(*) OVER (PARTITION BY unit, day) AS of_day
    FROM (
        SELECT visit.*, (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day
        FROM visit
        WHERE observed_at >= %(start)s AND observed_at < %(end)s
            AND unit IN (SELECT id FROM alike)
    ) AS seen
), given AS (
    SELECT id, unit, counter, observed_at, score
    FROM rating
    WHERE observed_at >= %(start)s AND observed_at < %(end)s::timestamptz + INTERVAL '1 hour'
        AND amends IS NULL AND unit IN (SELECT id FROM alike) AND standing = 'official'
        AND NOT EXISTS (SELECT FROM rating_left_out AS gone WHERE gone.rating = rating.id)
), tied AS (
    SELECT link.object::uuid AS visit, min(given.score) AS score
    FROM link
    JOIN given ON given.id = link.subject::uuid
    WHERE link.kind = 'rating_visit' AND link.unit IN (SELECT id FROM alike)
        AND link.day >= (%(start)s AT TIME ZONE INTERVAL '7 hours')::date
        AND link.day <= (%(end)s AT TIME ZONE INTERVAL '7 hours')::date
    GROUP BY 1
    HAVING count(*) = 1
)
SELECT
    unit, day, positive - negative, expression_change, wait_s,
    CASE WHEN complete THEN service_s END,
    extract(epoch FROM (observed_at AT TIME ZONE INTERVAL '7 hours')::time)::double precision / 3600,
    coalesce(tied.score, 0), get_byte(uuid_send(placed.id), 15) %% 5, observed_at
FROM placed
LEFT JOIN tied ON tied.visit = placed.id
WHERE place <= of_day - of_day %% 10
ORDER BY unit, observed_at, id

-- name: forget
-- A month is learnt as a whole.
WITH days AS (
    DELETE FROM experience_daily
    WHERE kind = %(kind)s AND day >= %(month)s::date AND day < %(month)s::date + INTERVAL '1 month'
), units AS (
    DELETE FROM experience_unit WHERE kind = %(kind)s AND month = %(month)s
)
DELETE FROM experience_model WHERE kind = %(kind)s AND month = %(month)s

-- name: add_model
-- Also where nothing was learnt, so that it is not tried again before more has come.
INSERT INTO experience_model (
    kind, month, since, visits, ratings, rated, mean, mean_variance, spread, faces, faces_share, gain,
    gain_error, z
) VALUES (
    %(kind)s, %(month)s, %(since)s, %(visits)s, %(ratings)s, %(rated)s, %(mean)s, %(mean_variance)s, %(spread)s,
    %(faces)s, %(faces_share)s, %(gain)s, %(gain_error)s, %(z)s
)

-- name: add_units
-- A unit that changed its kind within the month has the effect that was learnt last.
INSERT INTO experience_unit (unit, month, kind, effect, own_variance, leaning)
SELECT unit, %(month)s, %(kind)s, effect, own_variance, leaning
FROM unnest(
    %(unit)s::text[], %(effect)s::float8[], %(own_variance)s::float8[], %(leaning)s::float8[]
) AS learnt (unit, effect, own_variance, leaning)
ON CONFLICT (unit, month) DO UPDATE SET
    kind = EXCLUDED.kind, effect = EXCLUDED.effect, own_variance = EXCLUDED.own_variance,
    leaning = EXCLUDED.leaning

-- name: add_days
-- All days of all units of the kind.
INSERT INTO experience_daily (
    unit, day, kind, visits, rated, satisfied, expected, variance, worse, better, unlearnt, newest
)
SELECT unit, day, %(kind)s, visits, rated, satisfied, expected, variance, worse, better, unlearnt, newest
FROM unnest(
    %(unit)s::text[], %(day)s::date[], %(visits)s::bigint[], %(rated)s::bigint[],
    %(satisfied)s::bigint[], %(expected)s::float8[], %(variance)s::float8[], %(worse)s::float8[],
    %(better)s::float8[], %(unlearnt)s::bigint[], %(newest)s::timestamptz[]
) AS told (
    unit, day, visits, rated, satisfied, expected, variance, worse, better, unlearnt, newest
)
ON CONFLICT (unit, day) DO UPDATE SET
    kind = EXCLUDED.kind, visits = EXCLUDED.visits, rated = EXCLUDED.rated,
    satisfied = EXCLUDED.satisfied, expected = EXCLUDED.expected, variance = EXCLUDED.variance,
    worse = EXCLUDED.worse, better = EXCLUDED.better, unlearnt = EXCLUDED.unlearnt,
    newest = EXCLUDED.newest
