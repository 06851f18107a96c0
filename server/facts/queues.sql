-- name: totals
-- The newest observation per counter is kept up to date by ingest, so nothing is searched here. What
-- a retired device saw last counts no more.
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN id END,
    NULL::date,
    array_agg(observed_at), array_agg(queue_length)
FROM counter
WHERE observed_at IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM device
        WHERE device.unit = counter.unit AND device.id = counter.observed_by
            AND device.retired_at IS NOT NULL
    )
    AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    AND (%(counter)s::text IS NULL OR id = %(counter)s::text)
GROUP BY 1, 2
