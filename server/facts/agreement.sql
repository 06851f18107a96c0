-- name: totals
-- A pair is a counter on a local day on which it served tickets and its camera counted.
WITH served AS (
    SELECT
        unit, counter, (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day,
        count(DISTINCT number) AS tickets, max(observed_at) AS newest
    FROM ticket
    WHERE observed_at >= %(start)s AND observed_at < %(end)s AND event = 'served'
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    GROUP BY 1, 2, 3
), pairs AS (
    SELECT unit, counter, day, coalesce(visits, 0) AS visits, tickets, served.newest
    FROM served
    JOIN presence_daily USING (unit, counter, day)
    LEFT JOIN visit_daily USING (unit, counter, day)
    WHERE last_counted IS NOT NULL
)
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter END,
    date_trunc(%(step)s::text, day::timestamp)::date,
    count(*), sum(visits - tickets)::bigint, sum((visits - tickets) * (visits - tickets))::bigint,
    sum(tickets)::bigint, max(newest)
FROM pairs
GROUP BY 1, 2, 3
