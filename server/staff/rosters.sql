-- name: shifts
-- What holds on one local day; a cancelled assignment holds never.
SELECT
    told.id, told.officer, officer.name, told.unit, told.counter, told.starts_at, told.ends_at
FROM assignment AS told
JOIN officer ON officer.code = told.officer
WHERE NOT told.cancelled
    AND told.starts_at < (%(day)s::date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
    AND told.ends_at > %(day)s::date::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
    AND (%(unit)s::text IS NULL OR told.unit = %(unit)s::text)
ORDER BY told.unit COLLATE "C", told.id COLLATE "C"

-- name: serving
-- Duty knows sign-ons; whoever may not see it sees the roster. One officer a counter.
SELECT DISTINCT ON (counter) counter, told.officer, officer.name, since, until, signed_on
FROM (
    SELECT counter, officer, starts_at AS since, ends_at AS until, signed_on
    FROM duty
    WHERE unit = %(unit)s AND starts_at <= %(now)s AND %(now)s < ends_at
    UNION ALL
    SELECT counter, officer, starts_at, ends_at, false
    FROM assignment
    WHERE unit = %(unit)s AND counter IS NOT NULL AND NOT cancelled
        AND starts_at <= %(now)s AND %(now)s < ends_at
) AS told
JOIN officer ON officer.code = told.officer
ORDER BY counter, signed_on DESC, since DESC
