-- name: page
-- What is stored as following from records and events, for a page of dossiers.
SELECT
    code, family, officer, ended_at, ended_by, counted, due_at, overdue_at, soon_from, timeliness,
    days, requests, waits_for_citizen, apologised_at, score, begun_at, result_at
FROM dossier
WHERE code > %(after)s
ORDER BY code
LIMIT %(limit)s

-- name: different_totals
-- Stored counts that are not those of the dossiers, and the other way round.
SELECT level, role, unit, day, procedure, channel, officer, stored::text, counted::text
FROM dossier_total_difference
ORDER BY 1, 2, 3, 4, 5, 6, 7

-- name: different_durations
-- Likewise of processing times.
SELECT unit, month, bin, stored_done, stored_lost, counted_done, counted_lost
FROM dossier_duration_difference
ORDER BY 1, 2, 3

-- name: forget_totals
-- All of them: which are wrong is known, but counting the rest anew costs no more than finding them.
DELETE FROM dossier_total

-- name: count_totals
-- From the dossiers.
INSERT INTO dossier_total SELECT * FROM dossier_totals_counted()

-- name: forget_durations
-- Likewise.
DELETE FROM dossier_duration_monthly

-- name: count_durations
-- From the dossiers.
INSERT INTO dossier_duration_monthly (unit, month, bin, done, lost)
SELECT unit, date_trunc('month', begun_at AT TIME ZONE INTERVAL '7 hours')::date, bin, sum(done), sum(lost)
FROM dossier_duration
GROUP BY 1, 2, 3
