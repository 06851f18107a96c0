-- name: entered_points
-- What holds of what was entered for a scheme and period: the newest of each criterion.
SELECT unit, officer, term, points, numerator, denominator, evidence, entered_by, entered_at
FROM (
    SELECT DISTINCT ON (unit, officer, term) *
    FROM entered_point
    WHERE scheme = %(scheme)s AND period = %(period)s
        AND (%(unit)s::text IS NULL OR unit = %(unit)s::text)
        AND (officer IS NOT NULL) = %(officers)s
        AND (%(officer)s::text IS NULL OR officer = %(officer)s::text)
    ORDER BY unit, officer, term, id DESC
) AS newest
WHERE NOT withdrawn

-- name: enter_point
-- One more: what was entered before stays as its history.
INSERT INTO entered_point (
    scheme, term, unit, officer, period, points, numerator, denominator, withdrawn, evidence,
    entered_by, entered_at
)
VALUES (
    %(scheme)s, %(term)s, %(unit)s, %(officer)s, %(period)s, %(points)s, %(numerator)s,
    %(denominator)s, %(withdrawn)s, %(evidence)s, %(entered_by)s, %(entered_at)s
)

-- name: history
-- What was ever entered for one unit or officer, the newest first.
SELECT term, points, numerator, denominator, withdrawn, evidence, entered_by, entered_at
FROM entered_point
WHERE scheme = %(scheme)s AND period = %(period)s AND unit = %(unit)s
    AND officer IS NOT DISTINCT FROM %(officer)s::text
ORDER BY id DESC
LIMIT 500

-- name: added_versions
-- The newest file of each version that was added, the earliest first.
SELECT file FROM (
    SELECT DISTINCT ON (scheme, version) file, valid_from, number
    FROM scheme_version ORDER BY scheme, version, number DESC
) AS newest
ORDER BY valid_from, number

-- name: added_version
-- The file of one version: the newest, where one that did not hold yet was sent anew.
SELECT file FROM scheme_version WHERE scheme = %(scheme)s AND version = %(version)s
ORDER BY number DESC LIMIT 1

-- name: lock_versions
-- Two who add at one moment see each other.
LOCK TABLE scheme_version IN SHARE ROW EXCLUSIVE MODE

-- name: add_version
-- Only ever added.
INSERT INTO scheme_version (scheme, version, valid_from, added_at, added_by, reason, file)
VALUES (%(scheme)s, %(version)s, %(valid_from)s, %(at)s, %(by)s, %(reason)s, %(file)s)
