-- name: totals
-- From the reasons themselves: few ratings have one. Ratings of 1 to 3 are those that are asked why.
-- Reasons of ratings that are doubtful or were taken back are left out.
SELECT unit, member, day, sum(asked)::bigint, array_agg(reason), array_agg(told), max(newest)
FROM (
    SELECT
        unit, CASE %(by)s::text WHEN 'counter' THEN counter END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS day,
        sum(score_1 + score_2 + score_3)::bigint AS asked, NULL AS reason, 0::bigint AS told,
        max(newest) AS newest
    FROM rating_totals
    WHERE level = %(level)s::text AND day >= %(first_day)s AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT
        unit, CASE %(by)s::text WHEN 'counter' THEN counter END,
        date_trunc(%(step)s::text, observed_at AT TIME ZONE INTERVAL '7 hours')::date,
        0, reason, count(*), max(observed_at)
    FROM rating_reason
    WHERE observed_at >= %(start)s AND observed_at < %(end)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
        AND NOT EXISTS (
            SELECT FROM rating
            WHERE rating.id = rating_reason.rating AND rating.standing <> 'official'
                AND rating.observed_at > rating_reason.observed_at - INTERVAL '1 hour'
                AND rating.observed_at < rating_reason.observed_at + INTERVAL '1 hour'
        )
    GROUP BY 1, 2, 3, reason
) AS parts
GROUP BY 1, 2, 3
