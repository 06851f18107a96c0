-- name: annotations
-- Those of a place, of every unit above it and of the province, by day.
WITH RECURSIVE above AS (
    SELECT id, parent FROM unit WHERE id = %(unit)s::text
    UNION ALL
    SELECT unit.id, unit.parent FROM unit JOIN above ON unit.id = above.parent
)
SELECT id, unit, day, told, author, noted_at
FROM annotation
WHERE removed_at IS NULL AND (unit IS NULL OR unit IN (SELECT id FROM above))
    AND (%(first)s::date IS NULL OR day >= %(first)s::date)
    AND (%(end)s::date IS NULL OR day < %(end)s::date)
ORDER BY day DESC, noted_at DESC
LIMIT 500

-- name: add
-- A note of today or of a day before or after it.
INSERT INTO annotation (id, unit, day, told, author, noted_at)
VALUES (%(id)s, %(unit)s, %(day)s, %(told)s, %(author)s, %(noted_at)s)

-- name: one
-- Whose it is.
SELECT id, unit, day, told, author, noted_at FROM annotation WHERE id = %(id)s AND removed_at IS NULL

-- name: remove
-- It stays in the table.
UPDATE annotation SET removed_at = %(now)s WHERE id = %(id)s AND removed_at IS NULL
