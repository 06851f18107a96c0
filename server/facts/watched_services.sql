-- name: totals
-- Hours that have begun. A counter whose devices are all retired is expected until then.
WITH opening AS MATERIALIZED (
    SELECT kept_by.unit, hour, open_s, (hour AT TIME ZONE INTERVAL '7 hours')::date AS day
    FROM unnest(%(open_calendar)s::text[], %(open_hour)s::timestamptz[], %(open_s)s::integer[])
        AS opening (calendar, hour, open_s)
    JOIN unnest(%(kept_by)s::text[], %(kept)s::text[]) AS kept_by (unit, calendar)
        USING (calendar)
    WHERE hour < now() AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
), expected AS MATERIALIZED (
    SELECT
        unit, counter, min(day) AS since,
        (
            SELECT CASE WHEN bool_and(retired_at IS NOT NULL) THEN max(retired_at) END
            FROM device
            WHERE device.unit = presence_daily.unit AND device.counter = presence_daily.counter
        ) AS until
    FROM presence_daily
    WHERE (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        AND (%(counter)s::text IS NULL OR counter = %(counter)s::text)
    GROUP BY unit, counter
), hours AS MATERIALIZED (
    SELECT
        unit, CASE %(by)s::text WHEN 'counter' THEN counter END AS member,
        date_trunc(%(step)s::text, day::timestamp)::date AS step_day,
        counter, hour, open_s, last_seen, last_counted
    FROM expected
    JOIN opening USING (unit)
    LEFT JOIN presence_hourly USING (unit, counter, hour)
    WHERE day >= since AND hour < coalesce(until, 'infinity')
), bins AS (
    SELECT unit, member, step_day, bin, sum(visits)::bigint AS visits
    FROM hours
    JOIN service_time_hourly USING (unit, counter, hour)
    WHERE last_counted IS NOT NULL
    GROUP BY 1, 2, 3, 4
    HAVING sum(visits) > 0
), services AS (
    SELECT unit, member, step_day, array_agg(bin) AS bins, array_agg(visits) AS counts
    FROM bins
    GROUP BY 1, 2, 3
), times AS (
    SELECT
        unit, member, step_day, sum(open_s)::bigint AS open_s,
        coalesce(sum(open_s) FILTER (WHERE last_seen IS NOT NULL), 0)::bigint AS heard_s,
        coalesce(sum(open_s) FILTER (WHERE last_counted IS NOT NULL), 0)::bigint AS counted_s,
        max(last_seen) AS newest
    FROM hours
    GROUP BY 1, 2, 3
)
SELECT
    times.unit, times.member, times.step_day, times.open_s, times.heard_s, times.counted_s,
    times.newest, services.bins, services.counts
FROM times
LEFT JOIN services ON services.unit = times.unit
    AND services.member IS NOT DISTINCT FROM times.member
    AND services.step_day IS NOT DISTINCT FROM times.step_day
