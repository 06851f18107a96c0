-- name: totals
-- From raw rows at any level. By unit, for several counters may serve one waiting zone. A call counts
-- for a minute: so long the called one needs to the counter.
WITH waiting AS (
    SELECT
        unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day, count(*) AS waits,
        range_agg(tstzrange(started_at, observed_at)) AS spans, max(observed_at) AS newest
    FROM wait
    WHERE observed_at >= %(start)s AND observed_at < %(end)s AND started_at <= observed_at
        AND received_at <= known_at()
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    GROUP BY 1, 2
), attended AS (
    SELECT unit, day, range_agg(span) AS spans
    FROM (
        SELECT
            unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day,
            tstzrange(started_at, observed_at) AS span
        FROM visit
        WHERE observed_at >= %(start)s AND observed_at < %(end)s AND started_at <= observed_at
            AND received_at <= known_at()
            AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        UNION ALL
        SELECT
            unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date,
            tstzrange(observed_at, observed_at + INTERVAL '1 minute')
        FROM ticket
        WHERE observed_at >= %(start)s AND observed_at < %(end)s
            AND event IN ('called', 'recalled') AND received_at <= known_at()
            AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    ) AS spans
    GROUP BY 1, 2
)
SELECT
    unit, NULL::text, date_trunc(%(step)s::text, day::timestamp)::date, sum(waits)::bigint,
    sum((
        SELECT coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)
        FROM unnest(waiting.spans) AS span
    ))::double precision,
    sum((
        SELECT coalesce(sum(extract(epoch FROM upper(span) - lower(span))), 0)
        FROM unnest(waiting.spans - coalesce(attended.spans, '{}')) AS span
    ))::double precision,
    max(newest)
FROM waiting
LEFT JOIN attended USING (unit, day)
GROUP BY 1, 2, 3
