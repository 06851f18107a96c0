-- name: hours
-- One row an hour of the week. An hour counts when the calendar opens it, or when people came in it;
-- in one that the calendar does not open, for its whole length. A camera that counts at night sees
-- nobody, which says nothing of closed hours. Per counter, so that each is one range of an index.
WITH opening AS (
    SELECT hour, open_s
    FROM unnest(%(open_hour)s::timestamptz[], %(open_s)s::integer[]) AS opening (hour, open_s)
    WHERE hour + INTERVAL '1 hour' <= now()
), place AS (
    SELECT unit, id AS counter FROM counter WHERE unit = ANY (%(units)s::text[])
), served AS (
    SELECT hour, sum(visits)::bigint AS visits, count(*) AS counters
    FROM (
        SELECT hour, unit, counter, sum(visits) AS visits
        FROM place JOIN visit_hourly USING (unit, counter)
        WHERE hour >= %(start)s AND hour < %(end)s AND hour + INTERVAL '1 hour' <= now()
        GROUP BY 1, 2, 3
        HAVING sum(visits) > 0
    ) AS by_counter
    GROUP BY 1
), gone AS (
    SELECT hour, sum(abandoned)::bigint AS people
    FROM place JOIN wait_hourly USING (unit, counter)
    WHERE hour >= %(start)s AND hour < %(end)s AND hour + INTERVAL '1 hour' <= now()
    GROUP BY 1
    HAVING sum(abandoned) > 0
), came AS (
    SELECT hour, coalesce(visits, 0) + coalesce(people, 0) AS people, coalesce(counters, 0) AS counters
    FROM served FULL JOIN gone USING (hour)
), hours AS (
    SELECT hour, coalesce(open_s, 3600) AS open_s, coalesce(people, 0) AS people, coalesce(counters, 0) AS counters
    FROM opening FULL JOIN came USING (hour)
), watched AS (
    SELECT DISTINCT hour
    FROM place JOIN presence_hourly USING (unit, counter)
    WHERE hour >= %(start)s AND hour < %(end)s AND last_counted IS NOT NULL
), rostered AS (
    SELECT hour, sum(least(open_s, extract(epoch FROM
        least(ends_at, hour + INTERVAL '1 hour') - greatest(starts_at, hour)
    )))::bigint AS planned_s
    FROM hours
    JOIN counter_roster ON unit = ANY (%(units)s::text[])
        AND starts_at < %(end)s AND ends_at > %(start)s
        AND starts_at < hour + INTERVAL '1 hour' AND ends_at > hour
    GROUP BY 1
)
SELECT
    extract(isodow FROM hour AT TIME ZONE INTERVAL '7 hours')::integer AS weekday,
    extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::integer AS hour,
    count(*) AS days, sum(open_s)::bigint AS open_s, coalesce(sum(planned_s), 0)::bigint AS planned_s,
    count(*) FILTER (WHERE seen) AS seen_days,
    coalesce(sum(open_s) FILTER (WHERE seen), 0)::bigint AS seen_s,
    coalesce(sum(people) FILTER (WHERE seen), 0)::bigint AS arrivals,
    coalesce(sum(people * people) FILTER (WHERE seen), 0)::bigint AS arrivals_squared,
    coalesce(sum(counters) FILTER (WHERE seen), 0)::bigint AS served_counters
FROM (
    SELECT hours.*, planned_s, people > 0 OR watched.hour IS NOT NULL AS seen
    FROM hours LEFT JOIN rostered USING (hour) LEFT JOIN watched USING (hour)
) AS told
GROUP BY 1, 2

-- name: services
-- How long complete visits took in each hour of the week, as bins of the histogram.
SELECT weekday, local_hour, array_agg(bin), array_agg(visits)
FROM (
    SELECT
        extract(isodow FROM hour AT TIME ZONE INTERVAL '7 hours')::integer AS weekday,
        extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::integer AS local_hour,
        bin, sum(visits)::bigint AS visits
    FROM (SELECT unit, id AS counter FROM counter WHERE unit = ANY (%(units)s::text[])) AS place
    JOIN service_time_hourly USING (unit, counter)
    WHERE hour >= %(start)s AND hour < %(end)s AND hour + INTERVAL '1 hour' <= now()
    GROUP BY 1, 2, 3
    HAVING sum(visits) > 0
) AS bins
GROUP BY 1, 2
