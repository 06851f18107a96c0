-- name: totals
-- From the totals of whole months where they tell it, else from the dossiers that ended.
SELECT unit, member, day, (array_agg(DISTINCT person))[1:3]
FROM (
    SELECT
        unit, CASE %(by)s::text WHEN 'channel' THEN channel END AS member,
        date_trunc(%(step)s::text, month::timestamp)::date AS day, person
    FROM decided_months
    WHERE %(whole_months)s::boolean
        AND %(family)s::text IS NULL AND %(procedure)s::text IS NULL
        AND coalesce(%(by)s::text NOT IN ('family', 'procedure'), true)
        AND month >= %(first_day)s AND month < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(channel)s::text IS NULL OR channel = %(channel)s::text)
    UNION ALL
    SELECT
        unit,
        CASE %(by)s::text
            WHEN 'family' THEN family WHEN 'procedure' THEN procedure WHEN 'channel' THEN channel
        END,
        date_trunc(%(step)s::text, ended_at AT TIME ZONE INTERVAL '7 hours')::date, person
    FROM decided_dossiers
    WHERE NOT (
            %(whole_months)s::boolean
            AND %(family)s::text IS NULL AND %(procedure)s::text IS NULL
            AND coalesce(%(by)s::text NOT IN ('family', 'procedure'), true)
        )
        AND ended_at >= %(start)s AND ended_at < %(end)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR channel = %(channel)s::text)
) AS decided
GROUP BY 1, 2, 3
