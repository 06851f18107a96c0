-- name: add
-- It waits for the worker.
INSERT INTO export (id, dataset, format, scope, period, step, language, asked_by)
VALUES (%(id)s, %(dataset)s, %(format)s, %(scope)s, %(period)s, %(step)s, %(language)s, %(asked_by)s)
RETURNING id, dataset, format, scope, period, step, language, asked_by, asked_at, begun_at, finished_at,
    entries, bytes, digest, problem

-- name: unfinished
-- How many wait or are being written.
SELECT count(*) FROM export WHERE finished_at IS NULL

-- name: exports
-- The newest first.
SELECT id, dataset, format, scope, period, step, language, asked_by, asked_at, begun_at, finished_at,
    entries, bytes, digest, problem
FROM export
WHERE %(id)s::uuid IS NULL OR id = %(id)s::uuid
ORDER BY asked_at DESC, id

-- name: waiting
-- What nobody writes: also what was begun so long ago that its worker must have died.
SELECT id FROM export
WHERE finished_at IS NULL AND (begun_at IS NULL OR begun_at < now() - make_interval(secs => %(longest_s)s))
ORDER BY asked_at

-- name: begin
-- One worker takes it.
UPDATE export SET begun_at = now()
WHERE id = %(id)s AND finished_at IS NULL
    AND (begun_at IS NULL OR begun_at < now() - make_interval(secs => %(longest_s)s))
RETURNING id, dataset, format, scope, period, step, language, asked_by, asked_at, begun_at, finished_at,
    entries, bytes, digest, problem

-- name: clear
-- What an attempt that broke off has left.
DELETE FROM export_part WHERE export = %(id)s

-- name: add_part
-- In order, each at most a megabyte.
INSERT INTO export_part (export, number, content) VALUES (%(id)s, %(number)s, %(content)s)

-- name: finish
-- With its size and digest, or with why there is no file.
UPDATE export SET finished_at = now(), entries = %(entries)s, bytes = %(bytes)s, digest = %(digest)s,
    problem = %(problem)s
WHERE id = %(id)s

-- name: part
-- One after another, so that no transaction is as long as a download.
SELECT content FROM export_part WHERE export = %(id)s AND number = %(number)s

-- name: remove
-- With its parts.
DELETE FROM export WHERE id = %(id)s RETURNING id

-- name: purge
-- A week is enough to fetch a file; it can be asked for again.
DELETE FROM export WHERE asked_at < %(before)s

-- name: counters
-- Every counter by the number that stands for it in hours.
SELECT unit, id FROM counter ORDER BY unit COLLATE "C", id COLLATE "C"

-- name: work_in_memory
-- Some 200,000 groups a month are counted in memory; statements that run once a month are not compiled.
SELECT set_config('work_mem', '128MB', true), set_config('jit', 'off', true)

-- name: hours
-- What was counted at counters by the hour, of what is told exactly below a unit: neither opinions nor
-- service times nor who served. Days are what the index is on, hours what chunks are found by. -1 stands for
-- what nothing was heard of, so that every field is of one width.
COPY (
    WITH named AS (
        SELECT unit, id, row_number() OVER (ORDER BY unit COLLATE "C", id COLLATE "C") - 1 AS number
        FROM counter
    ), counted AS (
        SELECT
            unit, counter, hour, 1::bigint AS heard, (last_counted IS NOT NULL)::int::bigint AS counted,
            NULL::bigint AS visits, NULL::bigint AS waited,
            NULL::bigint AS waited_within_15, NULL::bigint AS waited_within_30, NULL::bigint AS abandoned
        FROM presence_hourly
        WHERE hour >= %(first)s AND hour < %(end)s
            AND (hour AT TIME ZONE INTERVAL '7 hours')::date BETWEEN %(first_day)s AND %(last_day)s
        UNION ALL
        SELECT unit, counter, hour, NULL, NULL, visits, NULL, NULL, NULL, NULL
        FROM visit_hourly
        WHERE hour >= %(first)s AND hour < %(end)s
            AND (hour AT TIME ZONE INTERVAL '7 hours')::date BETWEEN %(first_day)s AND %(last_day)s
        UNION ALL
        SELECT unit, counter, hour, NULL, NULL, NULL, served, within_15, within_30, abandoned
        FROM wait_hourly
        WHERE hour >= %(first)s AND hour < %(end)s
            AND (hour AT TIME ZONE INTERVAL '7 hours')::date BETWEEN %(first_day)s AND %(last_day)s
    )
    SELECT
        named.number::int4, (extract(epoch FROM hour) * 1000000)::int8, heard::int4, total.counted::int4,
        visits::int4, waited::int4, waited_within_15::int4, waited_within_30::int4, abandoned::int4
    FROM (
        SELECT
            unit, counter, hour, coalesce(max(heard), -1) AS heard, coalesce(max(counted), -1) AS counted,
            coalesce(sum(visits), -1) AS visits, coalesce(sum(waited), -1) AS waited,
            coalesce(sum(waited_within_15), -1) AS waited_within_15,
            coalesce(sum(waited_within_30), -1) AS waited_within_30, coalesce(sum(abandoned), -1) AS abandoned
        FROM counted
        WHERE %(units)s::text[] IS NULL OR unit = ANY (%(units)s::text[])
        GROUP BY unit, counter, hour
    ) AS total
    JOIN named ON named.unit = total.unit AND named.id = total.counter
) TO STDOUT (FORMAT binary)
