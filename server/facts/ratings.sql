-- name: totals
-- From the coarsest totals that tell what is asked; presence tells zero ratings from no data, to the
-- minute in a week and to the hour in longer periods.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(score_1)::bigint, sum(score_2)::bigint, sum(score_3)::bigint, sum(score_4)::bigint,
    sum(score_5)::bigint, max(newest), max(last_seen),
    sum(suspect_1)::bigint, sum(suspect_2)::bigint, sum(suspect_3)::bigint, sum(suspect_4)::bigint,
    sum(suspect_5)::bigint
FROM (
    SELECT
        unit, counter, officer, family, day, score_1, score_2, score_3, score_4, score_5, newest,
        NULL::timestamptz AS last_seen, suspect_1, suspect_2, suspect_3, suspect_4, suspect_5
    FROM rating_totals
    WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
    UNION ALL
    SELECT unit, counter, NULL, NULL, day, 0, 0, 0, 0, 0, NULL, last_seen, 0, 0, 0, 0, 0
    FROM presence_totals
    WHERE level = CASE
            WHEN %(end_day)s::date - %(first_day)s::date <= 7 THEN 'hour'
            WHEN %(level)s::text = 'month' THEN 'month'
            ELSE 'day'
        END
        AND day >= %(first_day)s AND day < %(end_day)s
) AS totals
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    AND (%(officer)s::text IS NULL OR officer IS NULL OR officer = %(officer)s::text)
    AND (%(family)s::text IS NULL OR family IS NULL OR family = %(family)s::text)
GROUP BY 1, 2, 3
