-- name: totals
-- Hours that have begun. A counter whose devices are all retired is expected until then. A counter's day
-- is one row, with a bit for each hour in which it was heard; days that are open alike (`pattern`) and were
-- heard alike are counted together before their hours are looked at. What was open and what was heard are
-- summed apart: days that were not heard have no row. The newest is what was heard last on the last of the
-- days, whether its hour is open or not.
WITH days AS (
    SELECT
        calendar, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
        array_agg(extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::integer ORDER BY hour, open_s) AS hours,
        array_agg(open_s ORDER BY hour, open_s) AS seconds
    FROM unnest(%(open_calendar)s::text[], %(open_hour)s::timestamptz[], %(open_s)s::integer[])
        AS opening (calendar, hour, open_s)
    WHERE hour < now()
    GROUP BY 1, 2
), opening AS MATERIALIZED (
    SELECT calendar, day, hours, seconds, dense_rank() OVER (ORDER BY hours, seconds) AS pattern FROM days
), expected AS MATERIALIZED (
    SELECT
        unit, counter, kept_by.calendar, CASE %(by)s::text WHEN 'counter' THEN counter END AS member, since,
        (
            SELECT
                CASE WHEN bool_and(retired_at IS NOT NULL)
                    THEN max(retired_at) AT TIME ZONE INTERVAL '7 hours' END
            FROM device
            WHERE device.unit = known.unit AND device.counter = known.counter
        ) AS until
    FROM (
        SELECT
            unit, id AS counter,
            (SELECT min(day) FROM presence_daily AS first WHERE first.unit = counter.unit AND first.counter = counter.id)
                AS since
        FROM counter
        WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
            AND (%(counter)s::text IS NULL OR id = %(counter)s::text)
    ) AS known
    JOIN unnest(%(kept_by)s::text[], %(kept)s::text[]) AS kept_by (unit, calendar) USING (unit)
    WHERE since IS NOT NULL
), heard AS MATERIALIZED (
    SELECT unit, counter, day, heard_hours, counted_hours
    FROM presence_daily
    WHERE day >= %(first_day)s AND day < %(end_day)s AND heard_hours > 0
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
), counted AS (
    SELECT
        unit, member, day, pattern, until, 1 AS expected, 0 AS heard_hours, 0 AS counted_hours
    FROM expected JOIN opening USING (calendar)
    WHERE day >= since
    UNION ALL
    SELECT unit, member, day, pattern, until, 0, heard_hours, counted_hours
    FROM heard
    JOIN expected USING (unit, counter)
    JOIN opening USING (calendar, day)
), alike AS MATERIALIZED (
    SELECT
        unit, member, date_trunc(%(step)s::text, day::timestamp)::date AS step_day, pattern, expected,
        heard_hours, counted_hours,
        -- Hours of the day that begin before the last device is retired.
        CASE WHEN until < day + 1 THEN ceil(extract(epoch FROM until - day) / 3600)::integer ELSE 24 END
            AS hours_left,
        count(*) AS days, max(day) FILTER (WHERE heard_hours > 0) AS last_heard
    FROM counted
    WHERE until IS NULL OR day < until
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), times AS (
    SELECT
        unit, member, step_day,
        sum(days * expected * open_s)::bigint AS open_s,
        coalesce(sum(days * open_s) FILTER (WHERE heard_hours >> hour & 1 = 1), 0)::bigint AS heard_s,
        coalesce(sum(days * open_s) FILTER (WHERE counted_hours >> hour & 1 = 1), 0)::bigint AS counted_s,
        max(last_heard) AS last_heard
    FROM alike
    JOIN (SELECT DISTINCT ON (pattern) pattern, hours, seconds FROM opening ORDER BY pattern) AS patterns
        USING (pattern)
    CROSS JOIN LATERAL unnest(hours, seconds) AS opened (hour, open_s)
    WHERE hour < hours_left
    GROUP BY 1, 2, 3
), last_seen AS (
    SELECT times.unit, times.member, times.step_day, max(heard.last_seen) AS newest
    FROM times
    JOIN expected ON expected.unit = times.unit
        AND (times.member IS NULL OR expected.counter = times.member)
    CROSS JOIN LATERAL (
        SELECT max(last_seen) AS last_seen
        FROM presence_hourly
        WHERE unit = expected.unit AND counter = expected.counter
            AND hour >= times.last_heard::timestamp AT TIME ZONE INTERVAL '7 hours'
            AND hour < (times.last_heard + 1)::timestamp AT TIME ZONE INTERVAL '7 hours'
    ) AS heard
    GROUP BY 1, 2, 3
)
SELECT
    times.unit, times.member, times.step_day, times.open_s, times.heard_s, times.counted_s,
    last_seen.newest, NULL, NULL
FROM times
LEFT JOIN last_seen ON last_seen.unit = times.unit
    AND last_seen.member IS NOT DISTINCT FROM times.member
    AND last_seen.step_day IS NOT DISTINCT FROM times.step_day
