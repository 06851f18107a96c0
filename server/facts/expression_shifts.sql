-- name: totals
-- A unit's visits of each half day in the order of time, as far as they fill groups of ten (decision 0012). Of
-- today nothing is told: a request for a rating that comes after its visit would show one person's group. A
-- request belongs to the visit that it names, else to the one that ended last at its counter within two minutes.
-- Half days in which one or two officers are known to have served are in no sum (decision 0062).
WITH few AS MATERIALIZED (
    -- Duty is cut at midnight, and counts for each half of its day that it reaches into.
    SELECT unit, noon::date AS day, shift
    FROM served_days
    CROSS JOIN LATERAL (
        SELECT date_trunc('day', starts_at AT TIME ZONE INTERVAL '7 hours') + INTERVAL '12 hours' AS noon
    ) AS its
    CROSS JOIN LATERAL (
        VALUES
            ('morning', starts_at AT TIME ZONE INTERVAL '7 hours' < noon),
            ('afternoon', ends_at AT TIME ZONE INTERVAL '7 hours' > noon)
    ) AS shifts (shift, served)
    WHERE served AND starts_at >= %(start)s AND starts_at < %(end)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    GROUP BY 1, 2, 3
    HAVING count(DISTINCT person) < 3
), placed AS (
    SELECT
        id, unit, counter, observed_at, day, shift, change, unhappy,
        row_number() OVER (PARTITION BY unit, day, shift ORDER BY observed_at, id) AS place,
        count(*) OVER (PARTITION BY unit, day, shift) AS seen
    FROM (
        SELECT
            id, unit, counter, observed_at, (observed_at AT TIME ZONE INTERVAL '7 hours')::date AS day,
            CASE
                WHEN extract(hour FROM observed_at AT TIME ZONE INTERVAL '7 hours') < 12 THEN 'morning'
                ELSE 'afternoon'
            END AS shift,
            expression_change AS change, coalesce(negative > positive, false) AS unhappy
        FROM visit
        WHERE readings IS NOT NULL AND expression_change IS NOT NULL
            AND observed_at >= %(start)s AND observed_at < %(end)s
            AND observed_at < date_trunc('day', now() AT TIME ZONE INTERVAL '7 hours')
                AT TIME ZONE INTERVAL '7 hours'
            AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    ) AS expressed
    WHERE %(shift)s::text IS NULL OR shift = %(shift)s::text
), asked AS MATERIALIZED (
    SELECT DISTINCT coalesce(prompt.visit, before.id) AS visit
    FROM prompt
    LEFT JOIN LATERAL (
        SELECT id
        FROM visit
        WHERE visit.unit = prompt.unit AND visit.counter = prompt.counter
            AND visit.observed_at <= prompt.observed_at
            AND visit.observed_at > prompt.observed_at - INTERVAL '2 minutes'
        ORDER BY visit.observed_at DESC
        LIMIT 1
    ) AS before ON prompt.visit IS NULL
    WHERE prompt.event = 'shown'
        AND prompt.observed_at >= %(start)s AND prompt.observed_at < %(end)s::timestamptz + INTERVAL '1 hour'
        AND (%(units)s::text[] IS NULL OR prompt.unit = ANY (%(units)s::text[]))
), told AS (
    SELECT
        placed.*, few.unit IS NOT NULL AS few,
        few.unit IS NULL AND place <= seen - seen %% 10 AS told, asked.visit IS NOT NULL AS asked
    FROM placed LEFT JOIN asked ON asked.visit = placed.id LEFT JOIN few USING (unit, day, shift)
)
SELECT
    unit, CASE %(by)s::text WHEN 'shift' THEN shift END, date_trunc(%(step)s::text, day::timestamp)::date,
    count(*) FILTER (WHERE few), count(*) FILTER (WHERE NOT few), count(*) FILTER (WHERE told),
    coalesce(sum(round(change::numeric, 6)) FILTER (WHERE told), 0)::double precision,
    coalesce(sum(round((change * change)::numeric, 6)) FILTER (WHERE told), 0)::double precision,
    count(*) FILTER (WHERE told AND unhappy), count(*) FILTER (WHERE told AND unhappy AND asked),
    count(*) FILTER (WHERE told AND NOT unhappy AND asked), max(observed_at) FILTER (WHERE told)
FROM told
GROUP BY 1, 2, 3
