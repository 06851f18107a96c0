-- name: units
-- The tree as it is valid on a day; a unit that was merged away keeps its history but is not listed.
SELECT
    id, parent, kind, name_vi, name_en,
    EXISTS (
        SELECT FROM device
        WHERE device.unit = unit.id AND device.simulated AND device.retired_at IS NULL
    ),
    accepted OR registered_by = 'import'
FROM unit
WHERE valid_from <= %(day)s AND %(day)s < valid_to
ORDER BY id

-- name: import_unit
-- A record from the administration replaces what a message registered under the same id. Days that
-- it does not give stay as they are.
INSERT INTO unit (id, parent, name_vi, name_en, kind, valid_from, valid_to, registered_by)
VALUES (
    %(id)s, %(parent)s, %(name_vi)s, %(name_en)s, %(kind)s,
    coalesce(%(valid_from)s::date, '-infinity'), coalesce(%(valid_to)s::date, 'infinity'), 'import'
)
ON CONFLICT (id) DO UPDATE SET
    parent = EXCLUDED.parent, name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en,
    kind = EXCLUDED.kind, registered_by = 'import',
    valid_from = coalesce(%(valid_from)s::date, unit.valid_from),
    valid_to = coalesce(%(valid_to)s::date, unit.valid_to)

-- name: unit_parents
-- To see whether a parent exists and whether a row would close a circle.
SELECT id, parent FROM unit

-- name: accept_unit
-- A unit that only a message named stands on the province's wall and in its figures from now on.
UPDATE unit SET accepted = true WHERE id = %(unit)s RETURNING id
