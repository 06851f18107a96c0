-- name: totals
-- From links of visits with tickets; whoever came back to a counter had waited before.
SELECT unit, member, step_day, array_agg(bin), array_agg(visits), NULL::timestamptz
FROM (
    SELECT
        unit,
        CASE %(by)s::text WHEN 'counter' THEN counter END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS step_day,
        log_bin(waited_s) AS bin, count(*) AS visits
    FROM link
    WHERE kind = 'visit_ticket' AND waited_s IS NOT NULL
        AND day >= %(first_day)s AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    GROUP BY 1, 2, 3, 4
) AS binned
GROUP BY 1, 2, 3
