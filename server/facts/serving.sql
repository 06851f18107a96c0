-- name: totals
-- From months, from duty, or by family from whatever was attributed to officers. Duty is cut at midnight,
-- so that the day on which it starts is its day.
SELECT unit, member, day, (array_agg(DISTINCT person))[1:3]
FROM (
    SELECT unit, NULL::text AS member, date_trunc(%(step)s::text, month::timestamp)::date AS day, person
    FROM served_months
    WHERE %(level)s::text = 'month' AND month >= %(first_day)s AND month < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    UNION ALL
    SELECT
        unit, CASE %(by)s::text WHEN 'counter' THEN counter END,
        date_trunc(%(step)s::text, starts_at AT TIME ZONE INTERVAL '7 hours')::date, person
    FROM served_days
    WHERE %(level)s::text <> 'month' AND %(family)s::text IS NULL
        AND coalesce(%(by)s::text, '') <> 'family'
        AND starts_at >= %(start)s AND starts_at < %(end)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    UNION ALL
    SELECT
        unit, CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'family' THEN family END,
        date_trunc(%(step)s::text, hour AT TIME ZONE INTERVAL '7 hours')::date, person
    FROM served_families
    WHERE (%(family)s::text IS NOT NULL OR %(by)s::text = 'family')
        AND (hour AT TIME ZONE INTERVAL '7 hours')::date >= %(first_day)s
        AND (hour AT TIME ZONE INTERVAL '7 hours')::date < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
        AND (%(family)s::text IS NULL OR family = %(family)s::text)
) AS served
GROUP BY 1, 2, 3
