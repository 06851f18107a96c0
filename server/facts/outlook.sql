-- name: totals
-- A few index look-ups a counter. What a retired device saw last counts no more. Of services the
-- fifty last of the last four hours, those that were seen to their end.
WITH known AS (
    SELECT
        counter.unit, counter.id, counter.observed_at, counter.queue_length, seen.people_present,
        services.last_served_at, services.service_times_s
    FROM counter
    LEFT JOIN LATERAL (
        SELECT people_present
        FROM observation
        WHERE observation.unit = counter.unit AND observation.counter = counter.id
        ORDER BY observation.observed_at DESC
        LIMIT 1
    ) AS seen ON true
    CROSS JOIN LATERAL (
        SELECT max(observed_at) AS last_served_at,
            array_agg(service_s) FILTER (WHERE complete) AS service_times_s
        FROM (
            SELECT observed_at, service_s, complete
            FROM visit
            WHERE visit.unit = counter.unit AND visit.counter = counter.id
                AND visit.observed_at > now() - INTERVAL '4 hours'
            ORDER BY visit.observed_at DESC
            LIMIT 50
        ) AS last
    ) AS services
    WHERE NOT EXISTS (
            SELECT FROM device
            WHERE device.unit = counter.unit AND device.id = counter.observed_by
                AND device.retired_at IS NOT NULL
        )
        AND (%(units)s::text[] IS NULL OR counter.unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter.id = %(counter)s::text)
)
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN id END,
    NULL::date,
    array_agg(observed_at), array_agg(queue_length), array_agg(people_present),
    array_agg(last_served_at),
    (
        SELECT array_agg(service_s)
        FROM known AS other CROSS JOIN unnest(other.service_times_s) AS service_s
        WHERE other.unit = known.unit
            AND (%(by)s::text IS NULL OR other.id = min(known.id))
    )
FROM known
GROUP BY 1, 2
