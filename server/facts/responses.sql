-- name: totals
-- Visits, requests for ratings and ratings side by side, from the coarsest totals that tell what is
-- asked: what of those who came is known.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(visits)::bigint, sum(shown)::bigint, sum(answered)::bigint, sum(skipped)::bigint,
    sum(timed_out)::bigint, sum(ratings)::bigint, sum(satisfied)::bigint, max(newest)
FROM (
    SELECT
        level, unit, counter, officer, family, day, visits, 0 AS shown, 0 AS answered, 0 AS skipped,
        0 AS timed_out, 0 AS ratings, 0 AS satisfied, newest
    FROM visit_totals
    UNION ALL
    SELECT
        level, unit, counter, officer, family, day, 0, shown, answered, skipped, timed_out, 0, 0, newest
    FROM prompt_totals
    UNION ALL
    SELECT
        level, unit, counter, officer, family, day, 0, 0, 0, 0, 0,
        score_1 + score_2 + score_3 + score_4 + score_5, score_4 + score_5, newest
    FROM rating_totals
) AS totals
WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    AND (%(family)s::text IS NULL OR family = %(family)s::text)
GROUP BY 1, 2, 3
