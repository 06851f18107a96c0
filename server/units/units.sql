-- name: units
-- The tree as it is valid on a day; a unit that was merged away keeps its history but is not listed.
SELECT
    unit.id, CASE WHEN former.unit IS NULL THEN unit.parent ELSE former.parent END AS parent,
    kind, name_vi, name_en,
    unit.simulated OR EXISTS (
        SELECT FROM device
        WHERE device.unit = unit.id AND device.simulated AND device.retired_at IS NULL
    ) AS simulated,
    accepted OR registered_by = 'import' AS accepted,
    successor, calendar, latitude, longitude
FROM unit
LEFT JOIN LATERAL (
    SELECT unit_former_parent.unit, unit_former_parent.parent
    FROM unit_former_parent
    WHERE unit_former_parent.unit = unit.id AND %(day)s < until
    ORDER BY until
    LIMIT 1
) AS former ON true
WHERE valid_from <= %(day)s AND %(day)s < valid_to
ORDER BY unit.id

-- name: successors
-- The units that are no more on a day, and what each was merged into.
SELECT id, successor FROM unit WHERE valid_to <= %(day)s AND successor IS NOT NULL

-- name: days_of_change
-- The days within a period on which the tree became another.
SELECT DISTINCT day FROM (
    SELECT valid_from AS day FROM unit
    UNION ALL
    SELECT valid_to FROM unit
    UNION ALL
    SELECT until FROM unit_former_parent
) AS changes
WHERE %(first)s < day AND day < %(end)s
ORDER BY day

-- name: keep_former_parent
-- Before the parent changes: the stored one holds until the day from which the new one does.
INSERT INTO unit_former_parent (unit, parent, until)
SELECT id, parent, %(parent_since)s::date
FROM unit
WHERE id = %(id)s AND parent IS DISTINCT FROM %(parent)s::text
ON CONFLICT (unit, until) DO UPDATE SET parent = EXCLUDED.parent

-- name: import_unit
-- A record from the administration replaces what a message registered under the same id. What it
-- does not give stays as it is.
INSERT INTO unit AS stored (
    id, parent, name_vi, name_en, kind, valid_from, valid_to, successor, calendar, latitude,
    longitude, registered_by
)
VALUES (
    %(id)s, %(parent)s, %(name_vi)s, coalesce(%(name_en)s::text, %(name_vi)s),
    coalesce(%(kind)s::text, 'unknown'), coalesce(%(valid_from)s::date, '-infinity'),
    coalesce(%(valid_to)s::date, 'infinity'), %(successor)s, %(calendar)s, %(latitude)s,
    %(longitude)s, 'import'
)
ON CONFLICT (id) DO UPDATE SET
    parent = EXCLUDED.parent, name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en,
    kind = coalesce(%(kind)s::text, stored.kind), registered_by = 'import',
    valid_from = coalesce(%(valid_from)s::date, stored.valid_from),
    valid_to = coalesce(%(valid_to)s::date, stored.valid_to),
    successor = coalesce(EXCLUDED.successor, stored.successor),
    calendar = coalesce(EXCLUDED.calendar, stored.calendar),
    latitude = coalesce(EXCLUDED.latitude, stored.latitude),
    longitude = coalesce(EXCLUDED.longitude, stored.longitude)

-- name: known_units
-- To see whether a parent or successor exists and whether a row would close a circle.
SELECT id, parent, successor FROM unit

-- name: accept_unit
-- A unit that only a message named stands on the province's wall and in its figures from now on.
UPDATE unit SET accepted = true WHERE id = %(unit)s RETURNING id

-- name: import_counter
-- What a record does not give stays as it is.
INSERT INTO counter AS stored (unit, id, name_vi, name_en, valid_from, valid_to)
VALUES (
    %(unit)s, %(id)s, %(name_vi)s, %(name_en)s, coalesce(%(valid_from)s::date, '-infinity'),
    coalesce(%(valid_to)s::date, 'infinity')
)
ON CONFLICT (unit, id) DO UPDATE SET
    name_vi = coalesce(EXCLUDED.name_vi, stored.name_vi),
    name_en = coalesce(EXCLUDED.name_en, stored.name_en),
    valid_from = coalesce(%(valid_from)s::date, stored.valid_from),
    valid_to = coalesce(%(valid_to)s::date, stored.valid_to)

-- name: counters
-- As the administration gave them, or as a message named them first; today's with their newest queue.
SELECT
    unit, id, coalesce(name_vi, id) AS name_vi, coalesce(name_en, name_vi, id) AS name_en,
    nullif(valid_from, '-infinity') AS valid_from, nullif(valid_to, 'infinity') AS valid_to
FROM counter
WHERE valid_from <= %(day)s AND %(day)s < valid_to AND (%(unit)s::text IS NULL OR unit = %(unit)s::text)
ORDER BY unit COLLATE "C", id COLLATE "C"
