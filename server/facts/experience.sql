-- name: totals
-- From what the worker has learnt: sums of days, and beside them each month's silent visits with the
-- unit's effect and its doubt; and since when, where a month that began earlier was learnt from its end.
SELECT
    unit, NULL::text, step_day,
    sum(months.visits)::bigint, sum(months.rated)::bigint, sum(satisfied)::bigint, sum(expected), sum(variance),
    sum(worse), sum(better), sum(unlearnt)::bigint,
    array_agg(unit) FILTER (WHERE effect IS NOT NULL),
    array_agg(month) FILTER (WHERE effect IS NOT NULL),
    array_agg(silent) FILTER (WHERE effect IS NOT NULL),
    array_agg(effect) FILTER (WHERE effect IS NOT NULL),
    array_agg(own_variance) FILTER (WHERE effect IS NOT NULL),
    array_agg(leaning) FILTER (WHERE effect IS NOT NULL),
    array_agg(kind) FILTER (WHERE effect IS NOT NULL),
    array_agg(mean_variance) FILTER (WHERE effect IS NOT NULL),
    array_agg(faces_share) FILTER (WHERE effect IS NOT NULL),
    min(since) FILTER (WHERE since > %(first_day)s), max(newest)
FROM (
    SELECT
        unit, date_trunc(%(step)s::text, day::timestamp)::date AS step_day,
        date_trunc('month', day::timestamp)::date AS month,
        sum(visits) AS visits, sum(rated) AS rated, sum(satisfied) AS satisfied,
        sum(expected) AS expected, sum(variance) AS variance, sum(worse) AS worse,
        sum(better) AS better, sum(unlearnt) AS unlearnt,
        sum(visits - rated)::bigint AS silent, max(newest) AS newest
    FROM experience_daily
    WHERE day >= %(first_day)s AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    GROUP BY 1, 2, 3
) AS months
LEFT JOIN experience_unit USING (unit, month)
LEFT JOIN experience_model USING (kind, month)
GROUP BY 1, 2, 3
