-- name: totals
-- Days and months do not tell who served and what for: hours are read instead of them.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    sum(ratings)::bigint,
    coalesce(sum(ratings) FILTER (WHERE officer = ''), 0)::bigint,
    coalesce(sum(ratings) FILTER (WHERE family = ''), 0)::bigint,
    coalesce(sum(ratings) FILTER (WHERE officer = '' OR family = ''), 0)::bigint,
    max(newest)
FROM (
    SELECT
        unit, counter, officer, family, day, newest,
        score_1 + score_2 + score_3 + score_4 + score_5 AS ratings
    FROM rating_totals
    WHERE level = CASE %(level)s::text WHEN 'raw' THEN 'raw' ELSE 'hour' END
        AND day >= %(first_day)s AND day < %(end_day)s
) AS totals
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2, 3
