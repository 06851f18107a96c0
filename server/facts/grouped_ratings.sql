-- name: totals
-- Whole groups, on the day on which each was full; presence tells zero ratings from no data.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    greatest(sum(score_1), 0)::bigint, greatest(sum(score_2), 0)::bigint, greatest(sum(score_3), 0)::bigint,
    greatest(sum(score_4), 0)::bigint, greatest(sum(score_5), 0)::bigint, max(newest), max(last_seen),
    0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint
FROM (
    SELECT
        unit, counter, officer, family, day, score_1, score_2, score_3, score_4, score_5, newest,
        NULL::timestamptz AS last_seen
    FROM opinion_told
    WHERE dimension = CASE
            WHEN %(counter)s::text IS NOT NULL THEN 'counter' WHEN %(officer)s::text IS NOT NULL THEN 'officer'
            WHEN %(family)s::text IS NOT NULL THEN 'family' ELSE %(by)s::text
        END
        AND day >= %(first_day)s AND day < %(end_day)s
    UNION ALL
    SELECT unit, counter, NULL, NULL, day, 0, 0, 0, 0, 0, NULL, last_seen
    FROM presence_totals
    WHERE level = CASE WHEN %(end_day)s::date - %(first_day)s::date <= 7 THEN 'hour' ELSE 'day' END
        AND day >= %(first_day)s AND day < %(end_day)s
) AS totals
WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    AND (%(officer)s::text IS NULL OR officer IS NULL OR officer = %(officer)s::text)
    AND (%(family)s::text IS NULL OR family IS NULL OR family = %(family)s::text)
GROUP BY 1, 2, 3
