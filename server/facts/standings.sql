-- name: lock_totals
-- Before the counters: whoever counts anew locks the table as a whole, and must not meet a writer that
-- holds a counter and still waits for the table.
LOCK TABLE rating_hourly IN ROW EXCLUSIVE MODE

-- name: lock_counters
-- Two writers that judge ratings of one counter do so one after the other. In the order of their names, so that two writers cannot deadlock.
SELECT pg_advisory_xact_lock(hashtextextended('rating standings of ' || unit || '/' || counter, 0))
FROM (
    SELECT unit, counter FROM unnest(%(unit)s::text[], %(counter)s::text[]) AS place (unit, counter)
    ORDER BY 1, 2
) AS place

-- name: of_visits
-- Where and when the ratings that are taken back, and others of these visits, were given.
SELECT unit, counter, observed_at
FROM rating
WHERE id = ANY (%(amends)s::uuid[]) AND observed_at >= %(since)s AND observed_at <= %(until)s
UNION ALL
SELECT unit, counter, observed_at
FROM rating
WHERE amends IS NULL AND visit = ANY (
    SELECT visit FROM unnest(%(visit)s::uuid[]) AS named (visit)
    UNION
    SELECT taken.visit FROM rating AS taken
    WHERE taken.id = ANY (%(amends)s::uuid[]) AND taken.visit IS NOT NULL
        AND taken.observed_at >= %(since)s AND taken.observed_at <= %(until)s
)
AND observed_at >= %(since)s AND observed_at <= %(until)s

-- name: stretches
-- How far from some spans of time a new rating matters: to so many of those that count before and after,
-- which depend on as many more. None matters that lies farther than `reach`; those of one moment all do.
-- What is taken back does not count, and simulated devices, which are judged alone: asked of the few that
-- are nearest one by one (OFFSET 0), for a join would read all within reach.
WITH span AS (
    SELECT unit, counter, since, until
    FROM unnest(
        %(unit)s::text[], %(counter)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]
    ) AS span (unit, counter, since, until)
), counting AS NOT MATERIALIZED (
    SELECT unit, counter, observed_at
    FROM rating
    WHERE amends IS NULL
        AND NOT EXISTS (
            SELECT FROM rating AS taken_back
            WHERE taken_back.amends = rating.id AND taken_back.withdrawn
                AND taken_back.unit = rating.unit AND taken_back.counter = rating.counter
                AND taken_back.observed_at BETWEEN rating.observed_at - INTERVAL '5 seconds'
                    AND rating.observed_at + INTERVAL '60 seconds'
            OFFSET 0
        )
        AND NOT EXISTS (
            SELECT FROM device
            WHERE device.unit = rating.unit AND device.id = rating.device AND device.simulated
            OFFSET 0
        )
)
SELECT span.unit, span.counter, first.at, last.at, before.at, after.at
FROM span
CROSS JOIN LATERAL (
    SELECT coalesce(min(observed_at), span.since) AS at
    FROM (
        SELECT observed_at FROM counting
        WHERE counting.unit = span.unit AND counting.counter = span.counter
            AND observed_at < span.since AND observed_at >= span.since - %(reach)s
        ORDER BY observed_at DESC
        LIMIT %(ratings)s
    ) AS nearest
) AS first
CROSS JOIN LATERAL (
    SELECT coalesce(min(observed_at), first.at) AS at
    FROM (
        SELECT observed_at FROM counting
        WHERE counting.unit = span.unit AND counting.counter = span.counter
            AND observed_at < first.at AND observed_at >= first.at - %(reach)s
        ORDER BY observed_at DESC
        LIMIT %(ratings)s
    ) AS nearest
) AS before
CROSS JOIN LATERAL (
    SELECT coalesce(max(observed_at), span.until) AS at
    FROM (
        SELECT observed_at FROM counting
        WHERE counting.unit = span.unit AND counting.counter = span.counter
            AND observed_at > span.until AND observed_at <= span.until + %(reach)s
        ORDER BY observed_at
        LIMIT %(ratings)s
    ) AS nearest
) AS last
CROSS JOIN LATERAL (
    SELECT coalesce(max(observed_at), last.at) AS at
    FROM (
        SELECT observed_at FROM counting
        WHERE counting.unit = span.unit AND counting.counter = span.counter
            AND observed_at > last.at AND observed_at <= last.at + %(reach)s
        ORDER BY observed_at
        LIMIT %(ratings)s
    ) AS nearest
) AS after
ORDER BY span.unit, span.counter, span.since

-- name: taps
-- What the rules need of the ratings in some stretches of time. A rating is taken back by an amendment
-- within a minute; the clock of a device may be set between the two. Simulated devices may run faster
-- than time.
WITH wanted AS (
    SELECT unit, counter, since, until, number
    FROM unnest(
        %(unit)s::text[], %(counter)s::text[], %(since)s::timestamptz[], %(until)s::timestamptz[]
    ) WITH ORDINALITY AS wanted (unit, counter, since, until, number)
)
SELECT
    wanted.number, rating.id, rating.observed_at, rating.score, rating.presence,
    rating.held_s, rating.marked, rating.suspect, rating.standing,
    EXISTS (
        SELECT FROM rating AS taken_back
        WHERE taken_back.amends = rating.id AND taken_back.withdrawn
            AND taken_back.unit = rating.unit AND taken_back.counter = rating.counter
            AND taken_back.observed_at BETWEEN rating.observed_at - INTERVAL '5 seconds'
                AND rating.observed_at + INTERVAL '60 seconds'
    ) AS withdrawn,
    rating.visit IS NOT NULL AND EXISTS (
        SELECT FROM rating AS other
        WHERE other.visit = rating.visit AND other.unit = rating.unit AND other.counter = rating.counter
            AND other.amends IS NULL
            AND (other.observed_at, other.id) < (rating.observed_at, rating.id)
            AND other.observed_at > rating.observed_at - INTERVAL '1 day'
            AND NOT EXISTS (
                SELECT FROM rating AS taken_back
                WHERE taken_back.amends = other.id AND taken_back.withdrawn
                    AND taken_back.unit = other.unit AND taken_back.counter = other.counter
                    AND taken_back.observed_at BETWEEN other.observed_at - INTERVAL '5 seconds'
                        AND other.observed_at + INTERVAL '60 seconds'
            )
    ) AS repeated,
    EXISTS (
        SELECT FROM device
        WHERE device.unit = rating.unit AND device.id = rating.device AND device.simulated
    ) AS simulated
FROM wanted
JOIN rating
    ON rating.unit = wanted.unit AND rating.counter = wanted.counter
    AND rating.observed_at >= wanted.since AND rating.observed_at <= wanted.until
WHERE rating.amends IS NULL

-- name: set_standings
-- Stores what was found, and moves each rating from the total in which it was to the one where it
-- belongs now; a new one comes from none.
WITH judged AS (
    SELECT * FROM unnest(
        %(unit)s::text[], %(counter)s::text[], %(id)s::uuid[], %(observed_at)s::timestamptz[],
        %(score)s::smallint[], %(suspect)s::text[], %(before)s::text[], %(standing)s::text[]
    ) AS judged (unit, counter, id, observed_at, score, suspect, before, standing)
), stored AS (
    UPDATE rating SET suspect = judged.suspect, standing = judged.standing
    FROM judged
    WHERE rating.id = judged.id AND rating.observed_at = judged.observed_at
        -- Most are official, as they were stored.
        AND (rating.suspect, rating.standing) <> (judged.suspect, judged.standing)
), moved AS (
    SELECT
        unit, counter, observed_at, score,
        (standing = 'official')::int - (before = 'official')::int AS official,
        (standing = 'suspect')::int - (before = 'suspect')::int AS suspect
    FROM judged
    -- What a contest has left out is in no total.
    WHERE standing <> before AND NOT EXISTS (SELECT FROM rating_left_out WHERE rating = judged.id)
)
INSERT INTO rating_hourly AS total (
    unit, counter, hour, officer, family, score_1, score_2, score_3, score_4, score_5, newest,
    suspect_1, suspect_2, suspect_3, suspect_4, suspect_5
)
SELECT
    unit, counter, date_trunc('hour', observed_at, 'UTC'), officer, family,
    coalesce(sum(official) FILTER (WHERE score = 1), 0),
    coalesce(sum(official) FILTER (WHERE score = 2), 0),
    coalesce(sum(official) FILTER (WHERE score = 3), 0),
    coalesce(sum(official) FILTER (WHERE score = 4), 0),
    coalesce(sum(official) FILTER (WHERE score = 5), 0), max(observed_at),
    coalesce(sum(suspect) FILTER (WHERE score = 1), 0),
    coalesce(sum(suspect) FILTER (WHERE score = 2), 0),
    coalesce(sum(suspect) FILTER (WHERE score = 3), 0),
    coalesce(sum(suspect) FILTER (WHERE score = 4), 0),
    coalesce(sum(suspect) FILTER (WHERE score = 5), 0)
FROM moved CROSS JOIN LATERAL attribution(unit, counter, observed_at)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3, 4, 5
ON CONFLICT (unit, counter, hour, officer, family) DO UPDATE SET
    score_1 = total.score_1 + EXCLUDED.score_1,
    score_2 = total.score_2 + EXCLUDED.score_2,
    score_3 = total.score_3 + EXCLUDED.score_3,
    score_4 = total.score_4 + EXCLUDED.score_4,
    score_5 = total.score_5 + EXCLUDED.score_5,
    newest = greatest(total.newest, EXCLUDED.newest),
    suspect_1 = total.suspect_1 + EXCLUDED.suspect_1,
    suspect_2 = total.suspect_2 + EXCLUDED.suspect_2,
    suspect_3 = total.suspect_3 + EXCLUDED.suspect_3,
    suspect_4 = total.suspect_4 + EXCLUDED.suspect_4,
    suspect_5 = total.suspect_5 + EXCLUDED.suspect_5

-- name: units_with_hours
-- Units whose calendar says hours of its own; of others it is not known when they are open. Simulated
-- units keep their own time.
WITH RECURSIVE above AS (
    SELECT id AS unit, parent, calendar, 0 AS distance FROM unit WHERE id = ANY (%(units)s::text[]) AND NOT simulated
    UNION ALL
    SELECT above.unit, unit.parent, unit.calendar, distance + 1
    FROM above
    JOIN unit ON unit.id = above.parent
    WHERE above.calendar IS NULL AND distance < 40
)
SELECT DISTINCT above.unit
FROM above
WHERE EXISTS (SELECT FROM calendar_rule WHERE calendar_rule.calendar = above.calendar)
