-- name: totals
-- By the day of receipt: how long dossiers took that have ended, and since when the others are
-- open. Whole months of units from their totals, everything else from the dossiers; as of an earlier
-- time from what was known of them then. Families are looked up instead of joined where an index alone
-- tells the rest.
WITH ended AS (
    SELECT unit, NULL::text AS member, month AS day, bin, done, lost
    FROM dossier_duration_monthly
    WHERE %(level)s::text <> 'raw'
        AND month >= %(months_from)s::date AND month < %(months_to)s::date
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    UNION ALL
    -- Days before the first whole month; everything where months do not tell what is asked.
    SELECT
        took.unit,
        CASE %(by)s::text
            WHEN 'family' THEN (SELECT procedure.family FROM procedure WHERE procedure.code = took.procedure)
            WHEN 'procedure' THEN took.procedure
            WHEN 'channel' THEN took.channel WHEN 'officer' THEN nullif(took.officer, '')
        END,
        (took.begun_at AT TIME ZONE INTERVAL '7 hours')::date, took.bin, took.done, took.lost
    FROM dossier_duration AS took
    WHERE %(level)s::text <> 'raw' AND %(first_day)s::date < %(months_from)s::date
        AND took.begun_at >= %(start)s
        AND took.begun_at < %(months_from)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND (%(units)s::text[] IS NULL OR took.unit = ANY (%(units)s::text[]))
        AND (
            %(family)s::text IS NULL
            OR took.procedure IN (SELECT procedure.code FROM procedure WHERE procedure.family = %(family)s::text)
        )
        AND (%(procedure)s::text IS NULL OR took.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR took.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR took.officer = %(officer)s::text)
    UNION ALL
    -- Days after the last one.
    SELECT unit, NULL, (begun_at AT TIME ZONE INTERVAL '7 hours')::date, bin, done, lost
    FROM dossier_duration
    WHERE %(level)s::text <> 'raw' AND %(months_to)s::date < %(end_day)s::date
        AND begun_at >= %(months_to)s::timestamp AT TIME ZONE INTERVAL '7 hours' AND begun_at < %(end)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    UNION ALL
    SELECT
        took.unit,
        CASE %(by)s::text
            WHEN 'family' THEN procedure.family WHEN 'procedure' THEN took.procedure
            WHEN 'channel' THEN took.channel WHEN 'officer' THEN nullif(took.officer, '')
        END,
        (took.begun_at AT TIME ZONE INTERVAL '7 hours')::date, took.bin, took.done, took.lost
    FROM dossier_duration_known AS took
    LEFT JOIN procedure ON procedure.code = took.procedure
    WHERE %(level)s::text = 'raw'
        AND took.begun_at >= %(start)s AND took.begun_at < %(end)s
        AND (%(units)s::text[] IS NULL OR took.unit = ANY (%(units)s::text[]))
        AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
        AND (%(procedure)s::text IS NULL OR took.procedure = %(procedure)s::text)
        AND (%(channel)s::text IS NULL OR took.channel = %(channel)s::text)
        AND (%(officer)s::text IS NULL OR took.officer = %(officer)s::text)
), bins AS (
    SELECT
        unit, member, date_trunc(%(step)s::text, day::timestamp)::date AS step_day, bin,
        sum(done)::bigint AS done, sum(lost)::bigint AS lost
    FROM ended
    WHERE %(by)s::text IS NULL OR member IS NOT NULL
    GROUP BY 1, 2, 3, 4
), still AS (
    SELECT
        unit, member, date_trunc(%(step)s::text, day::timestamp)::date AS step_day, day,
        count(*) AS dossiers
    FROM (
        SELECT
            dossier.resolving_unit AS unit,
            CASE %(by)s::text
                WHEN 'family' THEN (SELECT procedure.family FROM procedure WHERE procedure.code = dossier.procedure)
                WHEN 'procedure' THEN dossier.procedure
                WHEN 'channel' THEN dossier.channel WHEN 'officer' THEN dossier.officer
            END AS member,
            (dossier.begun_at AT TIME ZONE INTERVAL '7 hours')::date AS day
        FROM dossier
        WHERE %(level)s::text <> 'raw'
            AND dossier.ended_at IS NULL
            AND dossier.begun_at >= %(start)s AND dossier.begun_at < %(end)s
            AND (%(units)s::text[] IS NULL OR dossier.resolving_unit = ANY (%(units)s::text[]))
            AND (
                %(family)s::text IS NULL
                OR dossier.procedure IN (
                    SELECT procedure.code FROM procedure WHERE procedure.family = %(family)s::text
                )
            )
            AND (%(procedure)s::text IS NULL OR dossier.procedure = %(procedure)s::text)
            AND (%(channel)s::text IS NULL OR dossier.channel = %(channel)s::text)
            AND (%(officer)s::text IS NULL OR dossier.officer = %(officer)s::text)
        UNION ALL
        SELECT
            dossier.resolving_unit AS unit,
            CASE %(by)s::text
                WHEN 'family' THEN procedure.family WHEN 'procedure' THEN dossier.procedure
                WHEN 'channel' THEN dossier.channel WHEN 'officer' THEN dossier.officer
            END AS member,
            (dossier.begun_at AT TIME ZONE INTERVAL '7 hours')::date AS day
        FROM dossier_known AS dossier
        LEFT JOIN procedure ON procedure.code = dossier.procedure
        WHERE %(level)s::text = 'raw'
            AND dossier.ended_at IS NULL
            AND dossier.begun_at >= %(start)s AND dossier.begun_at < %(end)s
            AND (%(units)s::text[] IS NULL OR dossier.resolving_unit = ANY (%(units)s::text[]))
            AND (%(family)s::text IS NULL OR procedure.family = %(family)s::text)
            AND (%(procedure)s::text IS NULL OR dossier.procedure = %(procedure)s::text)
            AND (%(channel)s::text IS NULL OR dossier.channel = %(channel)s::text)
            AND (%(officer)s::text IS NULL OR dossier.officer = %(officer)s::text)
    ) AS open
    WHERE %(by)s::text IS NULL OR member IS NOT NULL
    GROUP BY 1, 2, 3, 4
)
SELECT
    unit, member, step_day, array_agg(bin) FILTER (WHERE bin IS NOT NULL),
    array_agg(done) FILTER (WHERE bin IS NOT NULL), array_agg(lost) FILTER (WHERE bin IS NOT NULL),
    array_agg(day) FILTER (WHERE day IS NOT NULL),
    array_agg(dossiers) FILTER (WHERE day IS NOT NULL)
FROM (
    SELECT unit, member, step_day, bin, done, lost, NULL::date AS day, NULL::bigint AS dossiers FROM bins
    UNION ALL
    SELECT unit, member, step_day, NULL, NULL, NULL, day, dossiers FROM still
) AS both_kinds
GROUP BY 1, 2, 3
