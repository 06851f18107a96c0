-- name: ratings
-- Ratings by unit and `by`, family, hour of the day and a class of arrivals: the logarithm to base 2 of how
-- many people came to the unit in that hour, -1 where nobody counted. Ratings of a counter's hour that are
-- clearly more than the people it served, or that were asked, are suspect: nobody can tell which of
-- them are true, and all are left out. Where nothing was counted none are. Hours are bounded twice: for
-- the index of days where all units are asked for, for the primary key where some are.
WITH came AS (
    SELECT unit, hour, sum(served + abandoned) AS people
    FROM wait_hourly
    WHERE (hour AT TIME ZONE INTERVAL '7 hours')::date >= %(first_day)s
        AND (hour AT TIME ZONE INTERVAL '7 hours')::date < %(end_day)s
        AND hour >= %(first_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND hour < %(end_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
    GROUP BY unit, hour
), served AS (
    SELECT unit, counter, hour, max(people) AS people
    FROM (
        SELECT unit, counter, hour, sum(visits) AS people
        FROM visit_hourly
        WHERE (hour AT TIME ZONE INTERVAL '7 hours')::date >= %(first_day)s
            AND (hour AT TIME ZONE INTERVAL '7 hours')::date < %(end_day)s
            AND hour >= %(first_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
            AND hour < %(end_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
            AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        GROUP BY unit, counter, hour
        UNION ALL
        SELECT unit, counter, hour, sum(answered)
        FROM prompt_hourly
        WHERE (hour AT TIME ZONE INTERVAL '7 hours')::date >= %(first_day)s
            AND (hour AT TIME ZONE INTERVAL '7 hours')::date < %(end_day)s
            AND hour >= %(first_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
            AND hour < %(end_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
            AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
        GROUP BY unit, counter, hour
    ) AS counted
    GROUP BY unit, counter, hour
), rated AS (
    SELECT
        unit, counter, officer, family, hour,
        score_1 + score_2 + score_3 + score_4 + score_5 AS n, score_4 + score_5 AS k,
        sum(score_1 + score_2 + score_3 + score_4 + score_5) OVER (PARTITION BY unit, counter, hour) AS in_hour
    FROM rating_hourly
    WHERE (hour AT TIME ZONE INTERVAL '7 hours')::date >= %(first_day)s
        AND (hour AT TIME ZONE INTERVAL '7 hours')::date < %(end_day)s
        AND hour >= %(first_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND hour < %(end_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
), judged AS (
    SELECT
        rated.*, coalesce(floor(log(2, greatest(came.people, 1)))::int, -1) AS arrivals,
        -- A rating may fall into the hour after its visit: some more than were served are in order.
        coalesce(in_hour > 1.5 * served.people + 4, false) AS suspect
    FROM rated
    LEFT JOIN came ON came.unit = rated.unit AND came.hour = rated.hour
    LEFT JOIN served ON served.unit = rated.unit AND served.counter = rated.counter AND served.hour = rated.hour
)
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer ELSE '' END AS member,
    family, 'direct' AS channel, extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::int, arrivals,
    coalesce(sum(n) FILTER (WHERE NOT suspect), 0)::int, coalesce(sum(k) FILTER (WHERE NOT suspect), 0)::int,
    coalesce(sum(n) FILTER (WHERE suspect), 0)::int, coalesce(sum(k) FILTER (WHERE suspect), 0)::int
FROM judged
GROUP BY 1, 2, 3, 4, 5, 6

-- name: waits
-- Waits of those who were served, by unit and `by`, family, hour of the day and class of arrivals.
WITH waited AS (
    SELECT
        unit, counter, officer, family, hour, served, within_15,
        sum(served + abandoned) OVER (PARTITION BY unit, hour) AS people
    FROM wait_hourly
    WHERE (hour AT TIME ZONE INTERVAL '7 hours')::date >= %(first_day)s
        AND (hour AT TIME ZONE INTERVAL '7 hours')::date < %(end_day)s
        AND hour >= %(first_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND hour < %(end_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
)
SELECT
    unit,
    CASE %(by)s::text WHEN 'counter' THEN counter WHEN 'officer' THEN officer ELSE '' END AS member,
    family, 'direct' AS channel, extract(hour FROM hour AT TIME ZONE INTERVAL '7 hours')::int,
    floor(log(2, greatest(people, 1)))::int, sum(served)::int, sum(within_15)::int, 0, 0
FROM waited
GROUP BY 1, 2, 3, 4, 5, 6

-- name: dossiers
-- Dossiers that ended, by the unit that resolved them and `by`, family, channel, the hour of the day in
-- which they were accepted, and the class of how many were accepted there on that day.
WITH ended AS (
    SELECT resolving_unit AS unit, officer, procedure, family, channel, begun_at, timeliness
    FROM dossier
    WHERE ended_at >= %(first_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND ended_at < %(end_day)s::timestamp AT TIME ZONE INTERVAL '7 hours'
        AND timeliness IS NOT NULL
        AND (%(units)s::text[] IS NULL OR resolving_unit = ANY (%(units)s::text[]))
), accepted AS (
    SELECT unit, day, received
    FROM dossier_total
    WHERE level = 'day' AND role = 'resolving'
        AND day >= (SELECT min((begun_at AT TIME ZONE INTERVAL '7 hours')::date) FROM ended)
        AND day < %(end_day)s
        AND (%(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[]))
)
SELECT
    ended.unit,
    CASE %(by)s::text WHEN 'procedure' THEN procedure WHEN 'officer' THEN coalesce(officer, '') ELSE '' END AS member,
    coalesce(family, ''), channel, extract(hour FROM begun_at AT TIME ZONE INTERVAL '7 hours')::int,
    coalesce(floor(log(2, greatest(received, 1)::numeric))::int, -1),
    count(*)::int, (count(*) FILTER (WHERE timeliness <> 'after'))::int, 0, 0
FROM ended
LEFT JOIN accepted ON
    accepted.unit = ended.unit AND accepted.day = (begun_at AT TIME ZONE INTERVAL '7 hours')::date
GROUP BY 1, 2, 3, 4, 5, 6
