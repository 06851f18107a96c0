-- name: totals
-- Officers' complete visits beside what others took for the same families at the same hours of the
-- month: their own are taken out of the norm. Hours in which nobody else did the same are left out.
WITH whole AS (
    SELECT
        officer, date_trunc('month', hour AT TIME ZONE INTERVAL '7 hours')::date AS month, family,
        extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::smallint AS hour_of_day,
        sum(visits)::double precision AS visits, sum(visits * bin_value(bin)) AS seconds,
        sum(visits * bin_value(bin) ^ 2) AS squared
    FROM service_time_hourly
    WHERE hour >= date_trunc('month', %(first_day)s::timestamp) AT TIME ZONE INTERVAL '7 hours'
        AND hour < date_trunc('month', %(end_day)s::timestamp + INTERVAL '1 month - 1 day')
            AT TIME ZONE INTERVAL '7 hours'
        AND officer <> '' AND visits > 0
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    GROUP BY 1, 2, 3, 4
), others AS (
    SELECT
        whole.officer, whole.month, whole.family, whole.hour_of_day,
        norm.visits - whole.visits AS visits,
        (norm.seconds - whole.seconds) / (norm.visits - whole.visits) AS mean,
        greatest(0, (norm.squared - whole.squared) / (norm.visits - whole.visits)
            - ((norm.seconds - whole.seconds) / (norm.visits - whole.visits)) ^ 2) AS variance
    FROM whole
    JOIN service_norm AS norm ON norm.month = whole.month AND norm.family = whole.family
        AND norm.hour = whole.hour_of_day
    WHERE norm.visits - whole.visits >= 10
), asked AS (
    SELECT
        unit, officer, date_trunc('month', hour AT TIME ZONE INTERVAL '7 hours')::date AS month,
        date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date AS step_day, family,
        extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::smallint AS hour_of_day,
        sum(visits)::double precision AS visits, sum(visits * bin_value(bin)) AS seconds,
        max(newest) AS newest
    FROM service_time_hourly
    WHERE hour >= %(start)s AND hour < %(end)s AND officer <> '' AND visits > 0
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT
    asked.unit, CASE %(by)s::text WHEN 'officer' THEN asked.officer END, asked.step_day,
    sum(asked.visits)::bigint,
    coalesce(sum(asked.visits) FILTER (WHERE mean > 0), 0)::bigint,
    coalesce(sum(asked.seconds) FILTER (WHERE mean > 0), 0),
    coalesce(sum(asked.visits * mean) FILTER (WHERE mean > 0), 0),
    coalesce(sum(asked.visits * variance + asked.visits ^ 2 * variance / others.visits)
        FILTER (WHERE mean > 0), 0),
    max(asked.newest)
FROM asked
LEFT JOIN others USING (officer, month, family, hour_of_day)
GROUP BY 1, 2, 3
