-- name: import_unit
-- A record from the administration replaces what a message registered under the same id.
INSERT INTO unit (id, parent, name_vi, name_en, kind, registered_by)
VALUES (%(id)s, %(parent)s, %(name_vi)s, %(name_en)s, %(kind)s, 'import')
ON CONFLICT (id) DO UPDATE SET
    parent = EXCLUDED.parent, name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en,
    kind = EXCLUDED.kind, registered_by = 'import'

-- name: unit_parents
-- To see whether a parent exists and whether a row would close a circle.
SELECT id, parent FROM unit
