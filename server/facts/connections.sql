-- name: totals
-- A retired device counts no more. A session that has ended is the newest one known: a last will that comes late ends nothing.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter END,
    NULL::date,
    array_agg(last_seen),
    array_agg(coalesce(offline_session >= session, offline_session IS NOT NULL))
FROM device
WHERE retired_at IS NULL
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
GROUP BY 1, 2
