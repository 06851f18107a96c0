-- name: totals
-- From the counts that are written with the links, a unit's day at a time.
SELECT unit, member, step_day, array_agg(kind), array_agg(rule), array_agg(subjects), array_agg(confidence)
FROM (
    SELECT
        unit,
        CASE %(by)s::text WHEN 'counter' THEN counter END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS step_day,
        kind, rule, sum(subjects)::bigint AS subjects, sum(confidence) AS confidence
    FROM link_daily
    WHERE day >= %(first_day)s AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
        -- Online ratings were given at no counter.
        AND (%(by)s::text IS DISTINCT FROM 'counter' OR counter <> '')
    GROUP BY 1, 2, 3, 4, 5
) AS counted
GROUP BY 1, 2, 3
