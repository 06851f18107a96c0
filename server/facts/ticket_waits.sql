-- name: totals
-- From tickets themselves, at any level: a number is one ticket of its unit and local day. Whoever is
-- called before the ticket was issued, as clocks that differ tell it, did not wait that long. Officer and
-- family are looked up only where something is told apart by them; duties of a counter do not overlap.
WITH event AS (
    SELECT
        unit, counter, number, ticket.service, event, observed_at, id,
        (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day
    FROM ticket
    WHERE observed_at >= %(start)s AND observed_at < %(end)s AND event IN ('issued', 'called')
        AND received_at <= known_at()
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
), issued AS (
    SELECT unit, day, number, min(observed_at) AS issued_at
    FROM event
    WHERE event = 'issued'
    GROUP BY 1, 2, 3
), called AS (
    SELECT DISTINCT ON (unit, day, number) unit, day, number, counter, service, observed_at
    FROM event
    WHERE event = 'called'
    ORDER BY unit, day, number, observed_at, id
), waited AS (
    SELECT
        called.unit, called.counter, called.day, called.observed_at,
        log_bin(extract(epoch FROM called.observed_at - issued.issued_at)::double precision) AS bin,
        (
            SELECT CASE WHEN called.observed_at < ends_at THEN duty.officer END
            FROM duty
            WHERE duty.unit = called.unit AND duty.counter = called.counter
                AND starts_at <= called.observed_at
            ORDER BY starts_at DESC
            LIMIT 1
        ) AS officer,
        (SELECT ticket_service.family FROM ticket_service WHERE ticket_service.service = called.service) AS family
    FROM called
    JOIN issued USING (unit, day, number)
    WHERE called.observed_at >= issued.issued_at
), bins AS (
    SELECT
        unit,
        CASE %(by)s::text
            WHEN 'counter' THEN counter WHEN 'officer' THEN officer WHEN 'family' THEN family
        END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS step_day, bin, count(*) AS tickets,
        max(observed_at) AS newest
    FROM waited
    WHERE (%(counter)s::text IS NULL OR counter = %(counter)s::text)
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
        AND (%(family)s::text IS NULL OR family = %(family)s::text)
    GROUP BY 1, 2, 3, 4
)
SELECT unit, member, step_day, array_agg(bin), array_agg(tickets), max(newest)
FROM bins
GROUP BY 1, 2, 3
