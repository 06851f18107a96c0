-- name: totals
-- From the complaints themselves: a province has some hundreds a day. Open and overdue ones are
-- those at the end of each step, or now while it runs.
WITH steps AS MATERIALIZED (
    SELECT
        day AS step_day,
        CASE WHEN day IS NULL THEN %(start)s::timestamptz
            ELSE greatest(%(start)s, day::timestamp AT TIME ZONE INTERVAL '7 hours')
        END AS begins,
        known, least(known, CASE WHEN day IS NULL THEN %(end)s::timestamptz
            ELSE least(%(end)s, (day + length) AT TIME ZONE INTERVAL '7 hours')
        END) AS ends
    FROM (SELECT least(now(), known_at()) AS known) AS clock
    CROSS JOIN (
        SELECT NULL::date AS day, NULL::interval AS length WHERE %(step)s::text IS NULL
        UNION ALL
        SELECT series::date, length
        FROM (
            SELECT CASE %(step)s::text
                WHEN 'quarter' THEN INTERVAL '3 months' ELSE ('1 ' || %(step)s::text)::interval
            END AS length
        ) AS lengths
        CROSS JOIN generate_series(
            date_trunc(%(step)s::text, %(first_day)s::timestamp), %(end_day)s::timestamp - INTERVAL '1 day',
            length
        ) AS series
    ) AS days
), counted AS (
    SELECT complaint.*, procedure.family AS family_now
    FROM (
        -- As of now without asking each of them when it became known.
        SELECT
            unit, procedure, officer, received_at, resolved_at, published_at, satisfied, publish_due,
            ended_at, overdue_at, in_time, subject
        FROM complaint
        WHERE %(level)s::text <> 'raw'
        UNION ALL
        SELECT
            unit, procedure, officer, received_at, resolved_at, published_at, satisfied, publish_due,
            ended_at, overdue_at, in_time, subject
        FROM complaint_known
        WHERE %(level)s::text = 'raw'
    ) AS complaint
    LEFT JOIN procedure ON procedure.code = complaint.procedure
    WHERE (%(units)s::text[] IS NULL OR complaint.unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR complaint.procedure = %(procedure)s::text)
        AND (%(officer)s::text IS NULL OR complaint.officer = %(officer)s::text)
        AND complaint.received_at < %(end)s
)
SELECT
    unit,
    CASE %(by)s::text
        WHEN 'family' THEN family_now WHEN 'procedure' THEN procedure WHEN 'officer' THEN officer
    END AS member,
    step_day,
    count(*) FILTER (WHERE received_at >= begins AND received_at < ends),
    count(*) FILTER (WHERE ended_at >= begins AND ended_at < ends),
    count(*) FILTER (WHERE ended_at >= begins AND ended_at < ends AND in_time),
    count(*) FILTER (WHERE (published_at IS NOT NULL OR publish_due < known) AND resolved_at >= begins AND resolved_at < ends),
    count(*) FILTER (
        WHERE (published_at IS NOT NULL OR publish_due < known) AND resolved_at >= begins AND resolved_at < ends
            AND published_at <= publish_due
    ),
    count(*) FILTER (WHERE satisfied IS NOT NULL AND ended_at >= begins AND ended_at < ends),
    count(*) FILTER (WHERE satisfied AND ended_at >= begins AND ended_at < ends),
    count(*) FILTER (WHERE received_at < ends AND (ended_at IS NULL OR ended_at >= ends)),
    count(*) FILTER (
        WHERE received_at < ends AND (ended_at IS NULL OR ended_at >= ends) AND overdue_at < ends
    ),
    count(*) FILTER (WHERE subject = 'attitude' AND received_at >= begins AND received_at < ends),
    max(greatest(received_at, ended_at)) FILTER (WHERE received_at < ends)
FROM counted
CROSS JOIN steps
WHERE begins < ends
    AND (%(by)s::text IS NULL OR CASE %(by)s::text
        WHEN 'family' THEN family_now WHEN 'procedure' THEN procedure WHEN 'officer' THEN officer
    END IS NOT NULL)
GROUP BY 1, 2, 3
