-- name: appraisals
-- Those that the connection may see, the most urgent first.
SELECT
    appraisal.id, scheme, version, unit, officer, period, state, appraiser,
    account_there.name AS appraiser_name, account_there.is_there AS appraiser_there, due_at,
    opened_by, opened_at
FROM appraisal JOIN account_there ON account_there.id = appraisal.appraiser
WHERE (%(id)s::uuid IS NULL OR appraisal.id = %(id)s::uuid)
    AND (%(period)s::text IS NULL OR period = %(period)s::text)
    AND (%(unit)s::text IS NULL OR unit = %(unit)s::text)
ORDER BY due_at NULLS LAST, unit, officer
LIMIT 2000

-- name: steps
-- The whole history of one appraisal.
SELECT number, step, at, actor, due_at, comment, entries, total, band
FROM appraisal_step WHERE appraisal = %(id)s ORDER BY number

-- name: lock
-- Two who act at once: the second one sees what the first one did.
SELECT state FROM appraisal WHERE id = %(id)s FOR UPDATE

-- name: open
-- One for each scheme, unit or officer, and period: a second one is refused by its constraint.
INSERT INTO appraisal (
    scheme, version, unit, officer, period, appraiser, due_at, opened_by, opened_at
)
VALUES (
    %(scheme)s, %(version)s, %(unit)s, %(officer)s, %(period)s, %(appraiser)s, %(due_at)s,
    %(opened_by)s, %(opened_at)s
)
RETURNING id

-- name: add_step
-- Only ever added.
INSERT INTO appraisal_step (
    appraisal, number, step, at, actor, due_at, comment, entries, total, band
)
SELECT
    %(appraisal)s, coalesce(max(number), 0) + 1, %(step)s, %(at)s, %(actor)s, %(due_at)s,
    %(comment)s, %(entries)s, %(total)s::numeric, %(band)s
FROM appraisal_step WHERE appraisal = %(appraisal)s
RETURNING number

-- name: advance
-- What follows from the step.
UPDATE appraisal SET state = %(state)s, due_at = %(due_at)s WHERE id = %(id)s

-- name: hand_over
-- To another appraiser, for instance when the former one has left.
UPDATE appraisal SET appraiser = %(appraiser)s WHERE id = %(id)s

-- name: self_scored_by
-- Who made the self score.
SELECT actor FROM appraisal_step WHERE appraisal = %(id)s AND step = 'self_score'
