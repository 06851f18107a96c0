-- name: totals
-- Months from the totals that tell what is asked, the days of incomplete months from the totals of
-- days, or from the dossiers themselves where something is told apart. Stocks are sums of all flows
-- until the end of each step; what is still to come today has not happened yet. As of an earlier time
-- everything is read from the dossiers as they were known then, and that day is today.
WITH asked AS MATERIALIZED (
    SELECT
        *,
        date_trunc('month', first_day::timestamp)::date AS opening,
        CASE WHEN fine THEN until
            ELSE least(until, date_trunc('month', first_day::timestamp + INTERVAL '1 month - 1 day')::date)
        END AS whole_from
    FROM (
        SELECT
            %(first_day)s::date AS first_day,
            least(%(end_day)s::date, today + 1) AS until, today,
            coalesce(%(step)s::text IN ('day', 'week'), false) AS fine,
            (%(family)s::text IS NOT NULL OR %(procedure)s::text IS NOT NULL
                OR coalesce(%(by)s::text IN ('family', 'procedure'), false))
            AND (%(channel)s::text IS NOT NULL OR %(officer)s::text IS NOT NULL
                OR coalesce(%(by)s::text IN ('channel', 'officer'), false)) AS mixed
        FROM (
            SELECT (least(now(), known_at()) AT TIME ZONE INTERVAL '7 hours')::date AS today
        ) AS clock
    ) AS bounds
), spans AS MATERIALIZED (
    SELECT
        *,
        -- From which day on dossiers themselves are read.
        CASE WHEN mixed THEN '-infinity' WHEN fine OR first_day > opening THEN opening ELSE whole_to END AS raw_from
    FROM (
        SELECT
            *,
            CASE WHEN fine THEN until
                ELSE greatest(whole_from, date_trunc('month', until::timestamp)::date)
            END AS whole_to
        FROM asked
    ) AS months
), flows AS (
    SELECT
        total.role, total.unit, total.day,
        CASE %(by)s::text
            WHEN 'family' THEN procedure.family WHEN 'procedure' THEN total.procedure WHEN 'channel' THEN total.channel
            WHEN 'officer' THEN nullif(total.officer, '')
        END AS member,
        total.received, total.online, total.other_area, total.fee_due, total.paid_online,
        total.digitised_told, total.digitised, total.reused_told, total.reused, total.ended,
        total.done, total.before_time, total.on_time, total.late, total.late_apologised,
        total.supplemented, total.result_told, total.result_digitised, total.rated, total.satisfied,
        total.apologised, total.turned_overdue, total.left_overdue,
        total.newest
    FROM spans
    JOIN dossier_total AS total ON
        total.day < opening OR (total.day >= whole_from AND total.day < whole_to)
    LEFT JOIN procedure ON procedure.code = total.procedure
    WHERE %(level)s::text <> 'raw'
        AND total.level = CASE
            WHEN %(family)s::text IS NOT NULL OR %(procedure)s::text IS NOT NULL
                OR coalesce(%(by)s::text IN ('family', 'procedure'), false) THEN 'procedure'
            WHEN coalesce(%(channel)s::text, %(officer)s::text, %(by)s::text) IS NOT NULL THEN 'month'
            ELSE 'whole'
        END
        AND NOT (
            (%(family)s::text IS NOT NULL OR %(procedure)s::text IS NOT NULL
            OR coalesce(%(by)s::text IN ('family', 'procedure'), false))
            AND (%(channel)s::text IS NOT NULL OR %(officer)s::text IS NOT NULL
            OR coalesce(%(by)s::text IN ('channel', 'officer'), false))
        )
        AND (%(units)s::text[] IS NULL OR total.unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR total.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR total.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR total.officer = %(officer)s::text)
    UNION ALL
    SELECT
        total.role, total.unit, total.day,
        NULL,
        total.received, total.online, total.other_area, total.fee_due, total.paid_online,
        total.digitised_told, total.digitised, total.reused_told, total.reused, total.ended,
        total.done, total.before_time, total.on_time, total.late, total.late_apologised,
        total.supplemented, total.result_told, total.result_digitised, total.rated, total.satisfied,
        total.apologised, total.turned_overdue, total.left_overdue,
        total.newest
    FROM spans
    CROSS JOIN LATERAL (
        VALUES (opening, least(whole_from, until)), (greatest(whole_to, whole_from), until)
    ) AS around (begins, ends)
    JOIN dossier_total AS total ON total.day >= around.begins AND total.day < around.ends
    WHERE %(level)s::text <> 'raw'
        AND total.level = 'day'
        AND coalesce(
            %(family)s::text, %(procedure)s::text, %(channel)s::text, %(officer)s::text, %(by)s::text
        ) IS NULL
        AND (%(units)s::text[] IS NULL OR total.unit = ANY (%(units)s::text[]))
    UNION ALL
    SELECT
        flow.role, flow.unit, flow.day,
        CASE %(by)s::text
            WHEN 'family' THEN procedure.family WHEN 'procedure' THEN flow.procedure WHEN 'channel' THEN flow.channel
            WHEN 'officer' THEN nullif(flow.officer, '')
        END AS member,
        flow.received, flow.online, flow.other_area, flow.fee_due, flow.paid_online,
        flow.digitised_told, flow.digitised, flow.reused_told, flow.reused, flow.ended, flow.done,
        flow.before_time, flow.on_time, flow.late, flow.late_apologised, flow.supplemented,
        flow.result_told, flow.result_digitised, flow.rated, flow.satisfied, flow.apologised,
        flow.turned_overdue, flow.left_overdue,
        flow.newest
    FROM spans
    JOIN dossier_flow AS flow ON
        flow.day < until
        AND NOT (flow.day < opening AND NOT mixed)
        AND NOT (flow.day >= whole_from AND flow.day < whole_to AND NOT mixed)
    LEFT JOIN procedure ON procedure.code = flow.procedure
    WHERE %(level)s::text <> 'raw'
        AND coalesce(
            %(family)s::text, %(procedure)s::text, %(channel)s::text, %(officer)s::text, %(by)s::text
        ) IS NOT NULL
        -- As subqueries the planner can use them with the indexes, or read nothing at all.
        AND (SELECT raw_from < until FROM spans)
        AND (
            flow.begun_at >= (SELECT raw_from::timestamp AT TIME ZONE INTERVAL '7 hours' FROM spans)
            OR flow.ended_at >= (SELECT raw_from::timestamp AT TIME ZONE INTERVAL '7 hours' FROM spans)
            OR flow.apologised_at >= (SELECT raw_from::timestamp AT TIME ZONE INTERVAL '7 hours' FROM spans)
            OR flow.overdue_at >= (SELECT raw_from::timestamp AT TIME ZONE INTERVAL '7 hours' FROM spans)
        )
        AND (%(units)s::text[] IS NULL OR flow.unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR flow.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR flow.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR flow.officer = %(officer)s::text)
    UNION ALL
    SELECT
        flow.role, flow.unit, flow.day,
        CASE %(by)s::text
            WHEN 'family' THEN procedure.family WHEN 'procedure' THEN flow.procedure WHEN 'channel' THEN flow.channel
            WHEN 'officer' THEN nullif(flow.officer, '')
        END AS member,
        flow.received, flow.online, flow.other_area, flow.fee_due, flow.paid_online,
        flow.digitised_told, flow.digitised, flow.reused_told, flow.reused, flow.ended, flow.done,
        flow.before_time, flow.on_time, flow.late, flow.late_apologised, flow.supplemented,
        flow.result_told, flow.result_digitised, flow.rated, flow.satisfied, flow.apologised,
        flow.turned_overdue, flow.left_overdue,
        flow.newest
    FROM spans
    JOIN dossier_flow_known AS flow ON flow.day < until
    LEFT JOIN procedure ON procedure.code = flow.procedure
    WHERE %(level)s::text = 'raw'
        AND (%(units)s::text[] IS NULL OR flow.unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR flow.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR flow.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR flow.officer = %(officer)s::text)
    UNION ALL
    SELECT
        'resolving', late.resolving_unit, today,
        CASE %(by)s::text
            WHEN 'family' THEN procedure.family WHEN 'procedure' THEN late.procedure WHEN 'channel' THEN late.channel
            WHEN 'officer' THEN nullif(late.officer, '')
        END AS member,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0,
        late.begun_at
    FROM spans
    JOIN dossier AS late ON
        until = today + 1 AND late.ended_at IS NULL AND late.overdue_at > now()
        AND late.overdue_at < (today + 1)::timestamp AT TIME ZONE INTERVAL '7 hours'
    LEFT JOIN procedure ON procedure.code = late.procedure
    WHERE %(level)s::text <> 'raw'
        AND (%(units)s::text[] IS NULL OR late.resolving_unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR late.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR late.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR late.officer = %(officer)s::text)
    UNION ALL
    SELECT
        'resolving', late.resolving_unit, today,
        CASE %(by)s::text
            WHEN 'family' THEN procedure.family WHEN 'procedure' THEN late.procedure WHEN 'channel' THEN late.channel
            WHEN 'officer' THEN nullif(late.officer, '')
        END AS member,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0,
        late.begun_at
    FROM spans
    JOIN dossier_known AS late ON
        until = today + 1 AND late.ended_at IS NULL AND late.overdue_at > least(now(), known_at())
        AND late.overdue_at < (today + 1)::timestamp AT TIME ZONE INTERVAL '7 hours'
    LEFT JOIN procedure ON procedure.code = late.procedure
    WHERE %(level)s::text = 'raw'
        AND (%(units)s::text[] IS NULL OR late.resolving_unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR late.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR late.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR late.officer = %(officer)s::text)
), summed AS (
    SELECT
        unit, member, day >= first_day AS within,
        CASE WHEN day >= first_day THEN date_trunc(%(step)s::text, day::timestamp)::date END AS step_day,
        sum(received) FILTER (WHERE role = 'receiving') AS received,
        sum(online) FILTER (WHERE role = 'receiving') AS online,
        sum(other_area) FILTER (WHERE role = 'receiving') AS other_area,
        sum(fee_due) FILTER (WHERE role = 'receiving') AS fee_due,
        sum(paid_online) FILTER (WHERE role = 'receiving') AS paid_online,
        sum(digitised_told) FILTER (WHERE role = 'receiving') AS digitised_told,
        sum(digitised) FILTER (WHERE role = 'receiving') AS digitised,
        sum(reused_told) FILTER (WHERE role = 'receiving') AS reused_told,
        sum(reused) FILTER (WHERE role = 'receiving') AS reused,
        sum(ended) FILTER (WHERE role = 'resolving') AS ended,
        sum(done) FILTER (WHERE role = 'resolving') AS done,
        sum(before_time) FILTER (WHERE role = 'resolving') AS before_time,
        sum(on_time) FILTER (WHERE role = 'resolving') AS on_time,
        sum(late) FILTER (WHERE role = 'resolving') AS late,
        sum(late_apologised) FILTER (WHERE role = 'resolving') AS late_apologised,
        sum(supplemented) FILTER (WHERE role = 'resolving') AS supplemented,
        sum(result_told) FILTER (WHERE role = 'resolving') AS result_told,
        sum(result_digitised) FILTER (WHERE role = 'resolving') AS result_digitised,
        sum(rated) FILTER (WHERE role = 'resolving') AS rated,
        sum(satisfied) FILTER (WHERE role = 'resolving') AS satisfied,
        sum(apologised) FILTER (WHERE role = 'resolving') AS apologised,
        sum(CASE WHEN role = 'resolving' THEN received - ended ELSE 0 END) AS opened,
        sum(turned_overdue - left_overdue) AS turned_late,
        max(newest) AS newest
    FROM flows
    CROSS JOIN spans
    GROUP BY 1, 2, 3, 4
), places AS (
    SELECT unit, member, sum(opened) FILTER (WHERE NOT within) AS opened,
        sum(turned_late) FILTER (WHERE NOT within) AS turned_late, max(newest) FILTER (WHERE NOT within) AS newest
    FROM summed
    GROUP BY 1, 2
), steps AS (
    SELECT NULL::date AS step_day WHERE %(step)s::text IS NULL
    UNION ALL
    SELECT day::date
    FROM spans
    CROSS JOIN generate_series(
        date_trunc(%(step)s::text, first_day::timestamp), until::timestamp - INTERVAL '1 day',
        CASE %(step)s::text WHEN 'quarter' THEN INTERVAL '3 months' ELSE ('1 ' || %(step)s::text)::interval END
    ) AS day
)
SELECT
    places.unit, places.member, steps.step_day,
    coalesce(summed.received, 0)::bigint, coalesce(summed.online, 0)::bigint,
    coalesce(summed.other_area, 0)::bigint, coalesce(summed.fee_due, 0)::bigint,
    coalesce(summed.paid_online, 0)::bigint, coalesce(summed.digitised_told, 0)::bigint,
    coalesce(summed.digitised, 0)::bigint, coalesce(summed.reused_told, 0)::bigint,
    coalesce(summed.reused, 0)::bigint, coalesce(summed.ended, 0)::bigint,
    coalesce(summed.done, 0)::bigint, coalesce(summed.before_time, 0)::bigint,
    coalesce(summed.on_time, 0)::bigint, coalesce(summed.late, 0)::bigint,
    coalesce(summed.late_apologised, 0)::bigint, coalesce(summed.supplemented, 0)::bigint,
    coalesce(summed.result_told, 0)::bigint, coalesce(summed.result_digitised, 0)::bigint,
    coalesce(summed.rated, 0)::bigint, coalesce(summed.satisfied, 0)::bigint,
    coalesce(summed.apologised, 0)::bigint,
    (coalesce(places.opened, 0) + coalesce(sum(summed.opened) OVER until_step, 0))::bigint,
    (coalesce(places.turned_late, 0) + coalesce(sum(summed.turned_late) OVER until_step, 0))::bigint,
    digitised_aim.value, result_aim.value,
    greatest(places.newest, max(summed.newest) OVER until_step)
FROM places
CROSS JOIN steps
CROSS JOIN spans
LEFT JOIN summed ON summed.within AND summed.unit = places.unit
    AND summed.member IS NOT DISTINCT FROM places.member
    AND summed.step_day IS NOT DISTINCT FROM steps.step_day
LEFT JOIN unit ON unit.id = places.unit
LEFT JOIN LATERAL (
    SELECT value FROM target
    WHERE kpi = 'dossiers_digitised' AND (kind IS NULL OR kind = unit.kind)
        AND valid_from < until AND until <= valid_to
    ORDER BY kind NULLS LAST
    LIMIT 1
) AS digitised_aim ON true
LEFT JOIN LATERAL (
    SELECT value FROM target
    WHERE kpi = 'results_digitised' AND (kind IS NULL OR kind = unit.kind)
        AND valid_from < until AND until <= valid_to
    ORDER BY kind NULLS LAST
    LIMIT 1
) AS result_aim ON true
WHERE first_day < until AND (%(by)s::text IS NULL OR places.member IS NOT NULL)
WINDOW until_step AS (PARTITION BY places.unit, places.member ORDER BY steps.step_day)
