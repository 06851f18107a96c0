-- name: totals
-- Ratings of 1 to 3 while officers were on duty, which are asked why, and those that named the attitude.
WITH shifts AS (
    SELECT
        unit, counter, officer, greatest(starts_at, %(start)s) AS starts_at,
        least(ends_at, %(end)s) AS ends_at
    FROM duty
    WHERE starts_at < %(end)s AND ends_at > %(start)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
)
SELECT
    shifts.unit, CASE %(by)s::text WHEN 'officer' THEN officer END,
    date_trunc(%(step)s::text, rating.observed_at AT TIME ZONE INTERVAL '7 hours')::date,
    count(*), count(rating_reason.rating), max(rating.observed_at)
FROM shifts
JOIN rating ON rating.unit = shifts.unit AND rating.counter = shifts.counter
    AND rating.observed_at >= shifts.starts_at AND rating.observed_at < shifts.ends_at
    AND rating.amends IS NULL AND rating.score <= 3
LEFT JOIN rating_reason ON rating_reason.rating = rating.id AND rating_reason.reason = 'attitude'
GROUP BY 1, 2, 3
