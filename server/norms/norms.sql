-- name: months
-- From `since` until `day` all, whose hours may still change, and earlier ones that have no norms.
SELECT generate_series(%(since)s::timestamp, %(day)s::timestamp, INTERVAL '1 month')::date AS month
UNION
SELECT month FROM visit_monthly
WHERE NOT EXISTS (SELECT FROM service_norm WHERE service_norm.month = visit_monthly.month)
ORDER BY 1

-- name: forget
-- A month is computed as a whole.
WITH times AS (DELETE FROM service_norm WHERE month = %(month)s)
DELETE FROM satisfaction_norm WHERE month = %(month)s

-- name: add_service
-- From the bins of hours: within the histogram's two percent.
INSERT INTO service_norm (month, family, hour, visits, seconds, squared)
SELECT
    %(month)s, family, extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours'), sum(visits),
    sum(visits * bin_value(bin)), sum(visits * bin_value(bin) ^ 2)
FROM service_time_hourly
WHERE hour >= %(start)s AND hour < %(end)s AND visits > 0
GROUP BY family, 3

-- name: ratings
-- Satisfied and all ratings by family of procedures, an array member an officer.
SELECT family, array_agg(satisfied), array_agg(ratings)
FROM (
    SELECT
        family, officer, sum(score_4 + score_5)::bigint AS satisfied,
        sum(score_1 + score_2 + score_3 + score_4 + score_5)::bigint AS ratings
    FROM rating_hourly
    WHERE hour >= %(start)s AND hour < %(end)s AND officer <> ''
    GROUP BY 1, 2
) AS officers
WHERE ratings > 0
GROUP BY family
HAVING count(*) >= %(least)s

-- name: add_satisfaction
-- One family of procedures.
INSERT INTO satisfaction_norm (month, family, officers, ratings, alpha, beta)
VALUES (%(month)s, %(family)s, %(officers)s, %(ratings)s, %(alpha)s, %(beta)s)
