-- name: totals
-- From days and months: hours would have to be summed over officers and families.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(ratings)::bigint, sum(without_officer)::bigint, sum(without_family)::bigint,
    sum(unlinked)::bigint, max(newest)
FROM unattributed_totals
WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
