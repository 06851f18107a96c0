-- name: totals
-- Visits beside the ratings that are told in whole groups.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(visits)::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
    greatest(sum(ratings), 0)::bigint, greatest(sum(satisfied), 0)::bigint, max(newest)
FROM (
    SELECT unit, counter, officer, family, day, visits, 0 AS ratings, 0 AS satisfied, newest
    FROM visit_totals
    WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
    UNION ALL
    SELECT
        unit, counter, officer, family, day, 0,
        score_1 + score_2 + score_3 + score_4 + score_5, score_4 + score_5, newest
    FROM opinion_told
    WHERE dimension = CASE
            WHEN %(counter)s::text IS NOT NULL THEN 'counter' WHEN %(officer)s::text IS NOT NULL THEN 'officer'
            WHEN %(family)s::text IS NOT NULL THEN 'family' ELSE %(by)s::text
        END
        AND day >= %(first_day)s AND day < %(end_day)s
) AS totals
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    AND (%(family)s::text IS NULL OR family = %(family)s::text)
GROUP BY 1, 2, 3
