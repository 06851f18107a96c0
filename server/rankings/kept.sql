-- name: read
-- The months of a source that are kept, by unit.
SELECT unit, month, until, members, families, channels, cells
FROM case_month
WHERE source = %(source)s AND by = %(by)s AND month >= %(first_day)s AND month < %(end_day)s

-- name: read_of_officers
-- Those told apart by officer.
SELECT unit, month, until, members, families, channels, cells
FROM case_month_of_officers
WHERE source = %(source)s AND month >= %(first_day)s AND month < %(end_day)s

-- name: happened
-- Units and months in which there may be something to count.
SELECT unit, month FROM rating_monthly
WHERE %(source)s = 'ratings' AND month >= %(first_day)s AND month < %(end_day)s
UNION
SELECT unit, month FROM wait_monthly
WHERE %(source)s = 'waits' AND month >= %(first_day)s AND month < %(end_day)s
UNION
SELECT unit, day FROM dossier_total
WHERE %(source)s = 'dossiers' AND level = 'month' AND role = 'resolving' AND ended > 0
    AND day >= %(first_day)s AND day < %(end_day)s

-- name: lock
-- Between counting a month and keeping it nobody may add to it.
LOCK TABLE visit_hourly, wait_hourly, rating_hourly, prompt_hourly IN SHARE MODE

-- name: lock_dossiers
-- Likewise.
LOCK TABLE dossier IN SHARE MODE

-- name: keep
-- A month that was counted.
INSERT INTO case_month (source, by, unit, month, until, members, families, channels, cells)
VALUES (
    %(source)s, %(by)s, %(unit)s, %(month)s, %(until)s, %(members)s::text[], %(families)s::text[],
    %(channels)s::text[], %(cells)s
)
ON CONFLICT (source, by, month, unit) DO UPDATE SET
    until = EXCLUDED.until, members = EXCLUDED.members, families = EXCLUDED.families,
    channels = EXCLUDED.channels, cells = EXCLUDED.cells, counted_at = now()

-- name: keep_of_officers
-- A month that was counted by officer.
INSERT INTO case_month_of_officers (source, by, unit, month, until, members, families, channels, cells)
VALUES (
    %(source)s, %(by)s, %(unit)s, %(month)s, %(until)s, %(members)s::text[], %(families)s::text[],
    %(channels)s::text[], %(cells)s
)
ON CONFLICT (source, by, month, unit) DO UPDATE SET
    until = EXCLUDED.until, members = EXCLUDED.members, families = EXCLUDED.families,
    channels = EXCLUDED.channels, cells = EXCLUDED.cells, counted_at = now()

-- name: keep_sets
-- Confidence sets of one kind.
INSERT INTO rank_set (kpi, period, kind, unit, n, k, low, high)
SELECT %(kpi)s, %(period)s, %(kind)s, unit, n, k, low, high
FROM unnest(%(unit)s::text[], %(n)s::bigint[], %(k)s::bigint[], %(low)s::int[], %(high)s::int[])
    AS sets (unit, n, k, low, high)
ON CONFLICT (kpi, period, unit) DO UPDATE SET
    kind = EXCLUDED.kind, n = EXCLUDED.n, k = EXCLUDED.k, low = EXCLUDED.low, high = EXCLUDED.high,
    computed_at = now()

-- name: read_sets
-- The confidence sets of a period.
SELECT unit, n, k, low, high FROM rank_set WHERE kpi = %(kpi)s AND period = %(period)s

-- name: broken_validity
-- Units that were founded or closed within the period.
SELECT id, valid_from > %(first_day)s AS founded, valid_to < %(end_day)s AS closed
FROM unit
WHERE (valid_from > %(first_day)s AND valid_from < %(end_day)s)
    OR (valid_to > %(first_day)s AND valid_to < %(end_day)s)

-- name: procedures
-- Every procedure with its name and its family, within which procedures are ranked.
SELECT
    procedure.code, procedure.name_vi, procedure.name_en, coalesce(procedure.family, ''),
    coalesce(family.name_vi, ''), coalesce(family.name_en, '')
FROM procedure
LEFT JOIN procedure_family AS family ON family.id = procedure.family
