-- name: procedures
-- All of them: some hundreds, for a batch of records names many.
SELECT code, family, name_vi, name_en, limit_days, late_after, source FROM procedure

-- name: register_families
-- What a record names first, until the administration imports it.
INSERT INTO procedure_family (id, name_vi, name_en)
SELECT id, min(name), min(name)
FROM unnest(%(id)s::text[], %(name)s::text[]) AS named (id, name)
GROUP BY id
ON CONFLICT (id) DO NOTHING

-- name: register_procedures
-- What a record names first, until the administration imports it. A family that becomes known later
-- is added.
INSERT INTO procedure AS stored (code, family, name_vi, name_en)
SELECT code, min(family), min(name), min(name)
FROM unnest(%(code)s::text[], %(family)s::text[], %(name)s::text[]) AS named (code, family, name)
GROUP BY code
ON CONFLICT (code) DO UPDATE SET family = EXCLUDED.family
    WHERE stored.family IS NULL AND EXCLUDED.family IS NOT NULL

-- name: import_family
-- A name that is not given stays.
INSERT INTO procedure_family AS stored (id, name_vi, name_en)
VALUES (%(family)s, coalesce(%(family_name)s::text, %(family)s), coalesce(%(family_name)s::text, %(family)s))
ON CONFLICT (id) DO UPDATE SET
    name_vi = coalesce(%(family_name)s::text, stored.name_vi),
    name_en = coalesce(%(family_name)s::text, stored.name_en)

-- name: import_procedure
-- A record from the administration replaces what a dossier registered; what it does not give stays.
INSERT INTO procedure AS stored (
    code, family, name_vi, name_en, limit_days, late_after, source, registered_by
)
VALUES (
    %(code)s, %(family)s, %(name_vi)s, coalesce(%(name_en)s::text, %(name_vi)s), %(limit_days)s,
    %(late_after)s, %(source)s, 'import'
)
ON CONFLICT (code) DO UPDATE SET
    family = coalesce(EXCLUDED.family, stored.family), name_vi = EXCLUDED.name_vi,
    name_en = EXCLUDED.name_en, limit_days = coalesce(EXCLUDED.limit_days, stored.limit_days),
    late_after = coalesce(EXCLUDED.late_after, stored.late_after),
    source = coalesce(EXCLUDED.source, stored.source), registered_by = 'import'

-- name: families
-- The fields of administration.
SELECT id, name_vi, name_en FROM procedure_family ORDER BY id COLLATE "C"
