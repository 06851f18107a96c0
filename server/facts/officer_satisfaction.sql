-- name: totals
-- Officers' ratings by family of procedures, each with the norm of the period's last month that has one.
SELECT
    unit, member, step_day, array_agg(family), array_agg(satisfied), array_agg(ratings),
    array_agg(alpha), array_agg(beta), max(newest)
FROM (
    SELECT
        unit, CASE %(by)s::text WHEN 'officer' THEN officer END AS member,
        date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date AS step_day, family,
        sum(score_4 + score_5)::bigint AS satisfied,
        sum(score_1 + score_2 + score_3 + score_4 + score_5)::bigint AS ratings,
        max(newest) AS newest
    FROM rating_hourly
    WHERE hour >= %(start)s AND hour < %(end)s AND officer <> ''
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    GROUP BY 1, 2, 3, 4
) AS cells
LEFT JOIN LATERAL (
    SELECT alpha, beta
    FROM satisfaction_norm
    WHERE satisfaction_norm.family = cells.family AND month < %(end_day)s
    ORDER BY month DESC
    LIMIT 1
) AS norm ON true
GROUP BY 1, 2, 3
