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
