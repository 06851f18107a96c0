-- name: set_known_at
-- For this transaction alone: views of raw rows leave out what was received later.
SELECT set_config('motcua.known_at', %(known_at)s, true)

-- name: dirty
-- What is to be counted anew: hours of units, links of their days; all dossiers or all complaints.
SELECT 'attribution', unit, (hour AT TIME ZONE INTERVAL '7 hours')::date FROM dirty_hour
UNION
SELECT 'links', unit, day FROM link_due
UNION
SELECT 'links', unit, day FROM link_due_by_dossier
UNION
SELECT 'dossiers', NULL, NULL FROM dossier_stale
UNION
SELECT 'complaints', NULL, NULL FROM complaint_stale

-- name: stale
-- Whether dossiers or complaints wait to be computed anew.
SELECT FROM dossier_stale UNION ALL SELECT FROM complaint_stale
