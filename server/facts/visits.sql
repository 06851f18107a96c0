-- name: totals
-- From the coarsest totals that tell what is asked. A camera that is away sends windows without a
-- count, which do not stand in presence's last_counted.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(visits)::bigint, max(newest), max(last_counted)
FROM (
    SELECT
        unit, counter, officer, family, day, visits, newest, NULL::timestamptz AS last_counted
    FROM visit_totals
    WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
    UNION ALL
    SELECT unit, counter, NULL, NULL, day, 0, NULL, last_counted
    FROM presence_totals
    WHERE level = CASE
            WHEN %(end_day)s::date - %(first_day)s::date <= 7 THEN 'hour'
            WHEN %(level)s::text = 'month' THEN 'month'
            ELSE 'day'
        END
        AND day >= %(first_day)s AND day < %(end_day)s
        AND last_counted IS NOT NULL
) AS totals
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    AND (%(officer)s::text IS NULL OR officer IS NULL OR officer = %(officer)s::text)
    AND (%(family)s::text IS NULL OR family IS NULL OR family = %(family)s::text)
GROUP BY 1, 2, 3
