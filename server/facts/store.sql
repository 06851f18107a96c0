-- name: set_known_at
-- For this transaction alone: views of raw rows leave out what was received later.
SELECT set_config('motcua.known_at', %(known_at)s, true)

-- name: dirty
-- What is to be counted anew: hours of units, links of their days; all dossiers or all complaints.
SELECT 'attribution', unit, array_agg(DISTINCT (hour AT TIME ZONE INTERVAL '7 hours')::date)
FROM dirty_hour
GROUP BY unit
UNION ALL
SELECT 'links', unit, array_agg(DISTINCT day)
FROM (SELECT unit, day FROM link_due UNION ALL SELECT unit, day FROM link_due_by_dossier) AS due
GROUP BY unit
UNION ALL
SELECT 'dossiers', NULL, NULL FROM dossier_stale
UNION ALL
SELECT 'complaints', NULL, NULL FROM complaint_stale

-- name: stale
-- Whether dossiers or complaints wait to be computed anew.
SELECT FROM dossier_stale UNION ALL SELECT FROM complaint_stale
