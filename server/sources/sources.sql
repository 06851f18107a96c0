-- name: cursor
-- How far the source has been read.
SELECT cursor FROM source WHERE id = %(source)s

-- name: note_run
-- What came of a run. Without an end the cursor stays: what was stored is found again, and unchanged.
INSERT INTO source AS known (id, cursor, last_run_at, last_success_at, problem, records, refused)
VALUES (
    %(source)s, coalesce(%(cursor)s::text, ''), %(now)s,
    CASE WHEN %(problem)s::text IS NULL THEN %(now)s::timestamptz END, %(problem)s, %(records)s,
    %(refused)s
)
ON CONFLICT (id) DO UPDATE SET
    cursor = coalesce(%(cursor)s::text, known.cursor), last_run_at = EXCLUDED.last_run_at,
    last_success_at = coalesce(EXCLUDED.last_success_at, known.last_success_at),
    problem = EXCLUDED.problem, records = known.records + EXCLUDED.records,
    refused = known.refused + EXCLUDED.refused

-- name: note_refusals
-- Which record, which field and why; not the value, which may be personal.
INSERT INTO source_refusal AS known (source, record, field, reason, at)
SELECT DISTINCT ON (record, field) %(source)s, record, field, reason, %(now)s::timestamptz
FROM unnest(%(record)s::text[], %(field)s::text[], %(reason)s::text[]) AS refused (record, field, reason)
ON CONFLICT (source, record, field) DO UPDATE SET
    reason = EXCLUDED.reason, times = known.times + 1, at = EXCLUDED.at

-- name: forget_refusals
-- The newest are enough to see what a source does wrong.
DELETE FROM source_refusal
WHERE source = %(source)s AND (record, field) NOT IN (
    SELECT record, field FROM source_refusal WHERE source = %(source)s ORDER BY at DESC LIMIT %(keep)s
)

-- name: sources
-- Every source that was ever read.
SELECT id, cursor, last_run_at, last_success_at, problem, records, refused FROM source ORDER BY id

-- name: refusals
-- The newest of each source.
SELECT source, record, field, reason, times, at
FROM (
    SELECT *, row_number() OVER (PARTITION BY source ORDER BY at DESC, record, field) AS place
    FROM source_refusal
) AS newest
WHERE place <= %(most)s
ORDER BY source, place
