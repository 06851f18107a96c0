-- name: import_target
-- The same indicator, kind of unit and first day again replaces what was there.
INSERT INTO target (kpi, kind, value, valid_from, valid_to, basis)
VALUES (
    %(kpi)s, %(kind)s, %(value)s, coalesce(%(valid_from)s::date, '-infinity'),
    coalesce(%(valid_to)s::date, 'infinity'), %(basis)s
)
ON CONFLICT (kpi, kind, valid_from) DO UPDATE SET
    value = EXCLUDED.value, valid_to = EXCLUDED.valid_to, basis = EXCLUDED.basis
