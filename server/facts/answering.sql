-- name: totals
-- From the complaints themselves, as their figures are.
SELECT
    unit,
    CASE %(by)s::text WHEN 'family' THEN family WHEN 'procedure' THEN procedure END,
    date_trunc(%(step)s::text, ended_at AT TIME ZONE INTERVAL '7 hours')::date,
    (array_agg(DISTINCT person))[1:3]
FROM answered_complaints
WHERE ended_at >= %(start)s AND ended_at < %(end)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(family)s::text IS NULL OR family = %(family)s::text)
    AND (%(procedure)s::text IS NULL OR procedure = %(procedure)s::text)
GROUP BY 1, 2, 3
