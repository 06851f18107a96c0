-- name: totals
-- As ratings, of whole units.
SELECT
    unit, NULL::text, date_trunc(%(step)s::text, day::timestamp)::date,
    sum(score_1)::bigint, sum(score_2)::bigint, sum(score_3)::bigint, sum(score_4)::bigint,
    sum(score_5)::bigint, max(newest), NULL::timestamptz,
    sum(suspect_1)::bigint, sum(suspect_2)::bigint, sum(suspect_3)::bigint, sum(suspect_4)::bigint,
    sum(suspect_5)::bigint
FROM rating_totals
WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
GROUP BY 1, 2, 3
