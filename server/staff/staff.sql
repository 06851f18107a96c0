-- name: known_places
-- Which of these units there are, and their counters as unit/counter.
SELECT id FROM unit WHERE id = ANY (%(units)s::text[])
UNION ALL
SELECT unit || '/' || id FROM counter WHERE unit = ANY (%(units)s::text[])

-- name: known_officers
-- Which of these codes are somebody's.
SELECT code FROM officer WHERE code = ANY (%(codes)s::text[])

-- name: store_officers
-- A name that has been corrected replaces the former one.
INSERT INTO officer AS stored (code, name)
SELECT DISTINCT ON (code) code, name
FROM unnest(%(code)s::text[], %(name)s::text[]) AS given (code, name)
ORDER BY code
ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name WHERE stored.name <> EXCLUDED.name

-- name: store_post
-- What a row does not give stays as it is.
INSERT INTO officer_post AS stored (officer, unit, position, valid_from, valid_to)
VALUES (
    %(code)s, %(unit)s, coalesce(%(position)s::text, ''), coalesce(%(valid_from)s::date, '-infinity'),
    coalesce(%(valid_to)s::date, 'infinity')
)
ON CONFLICT (officer, unit, valid_from) DO UPDATE SET
    position = coalesce(%(position)s::text, stored.position),
    valid_to = coalesce(%(valid_to)s::date, stored.valid_to)

-- name: assignments_in_force
-- What these officers and counters are assigned to at the same time, and the rows of these keys.
SELECT id, officer, unit, counter, starts_at, ends_at
FROM assignment
WHERE NOT cancelled AND (
    id = ANY (%(ids)s::text[])
    OR (
        starts_at < %(until)s AND ends_at > %(since)s
        AND (officer = ANY (%(officers)s::text[]) OR unit || '/' || counter = ANY (%(counters)s::text[]))
    )
)

-- name: set_aside_assignments
-- Before their new versions are stored: two officers who swap their counters never overlap so.
-- Returns the counters that they were at.
UPDATE assignment SET cancelled = true
WHERE id = ANY (%(ids)s::text[]) AND NOT cancelled
RETURNING unit, counter, starts_at, ends_at

-- name: store_assignments
-- The newest version of each.
INSERT INTO assignment AS stored (id, officer, unit, counter, starts_at, ends_at, source, cancelled)
SELECT id, officer, unit, counter, starts_at, ends_at, %(source)s::text, cancelled FROM unnest(
    %(id)s::text[], %(officer)s::text[], %(unit)s::text[], %(counter)s::text[],
    %(starts_at)s::timestamptz[], %(ends_at)s::timestamptz[], %(cancelled)s::boolean[]
) AS given (id, officer, unit, counter, starts_at, ends_at, cancelled)
ON CONFLICT (id) DO UPDATE SET
    officer = EXCLUDED.officer, unit = EXCLUDED.unit, counter = EXCLUDED.counter,
    starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at, source = EXCLUDED.source,
    cancelled = EXCLUDED.cancelled, stored_at = now()

-- name: staff
-- Officers with their posts on a day.
SELECT
    officer.code, officer.name, post.unit, post.position,
    nullif(post.valid_from, '-infinity') AS valid_from, nullif(post.valid_to, 'infinity') AS valid_to
FROM officer
JOIN officer_post AS post ON post.officer = officer.code
WHERE post.valid_from <= %(day)s AND %(day)s < post.valid_to
    AND (%(unit)s::text IS NULL OR post.unit = %(unit)s::text)
ORDER BY officer.code, post.unit
