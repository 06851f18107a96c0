-- name: contests
-- Those that the connection may see, the newest first.
SELECT
    contest.id, kind, unit, officer, period, kpi, scheme, rating, reason, filed_by, filed_at,
    value_before, value_after, assignee, account_there.name AS assignee_name, assigned_by,
    assigned_at, effect, answer, answered_by, answered_at
FROM contest LEFT JOIN account_there ON account_there.id = contest.assignee
WHERE (%(id)s::uuid IS NULL OR contest.id = %(id)s::uuid)
    AND (%(unit)s::text IS NULL OR unit = %(unit)s::text)
    AND (%(period)s::text IS NULL OR period = %(period)s::text)
    AND (%(kpi)s::text IS NULL OR kpi = %(kpi)s::text)
    AND (%(scheme)s::text IS NULL OR scheme = %(scheme)s::text)
ORDER BY filed_at DESC
LIMIT 2000

-- name: rating
-- Where and when a rating was given; one that only amends another is none of its own.
SELECT unit, (observed_at AT TIME ZONE INTERVAL '7 hours')::date::text
FROM rating WHERE id = %(rating)s AND amends IS NULL

-- name: file
-- An objection.
INSERT INTO contest (
    kind, unit, officer, period, kpi, scheme, rating, reason, filed_by, filed_at, value_before
)
VALUES (
    %(kind)s, %(unit)s, %(officer)s, %(period)s, %(kpi)s, %(scheme)s, %(rating)s, %(reason)s,
    %(filed_by)s, %(filed_at)s, %(value_before)s
)
RETURNING id

-- name: assign
-- To whoever answers it, while nobody has.
UPDATE contest SET assignee = %(assignee)s, assigned_by = %(by)s, assigned_at = %(now)s
WHERE id = %(id)s AND effect IS NULL
RETURNING id

-- name: answer
-- Once: of two answers at the same time the second one finds that there is one.
UPDATE contest SET effect = %(effect)s, answer = %(answer)s, answered_by = %(by)s, answered_at = %(now)s
WHERE id = %(id)s AND effect IS NULL
RETURNING id

-- name: set_after
-- What the figure or class is after the answer.
UPDATE contest SET value_after = %(value)s WHERE id = %(id)s

-- name: leave_out
-- It counts no more from now on; its row stays.
INSERT INTO rating_left_out (rating, contest, at) VALUES (%(rating)s, %(id)s, %(now)s)
ON CONFLICT (rating) DO NOTHING

-- name: mark_dirty
-- Its hour is counted anew.
INSERT INTO dirty_hour (unit, counter, hour, cause)
SELECT unit, counter, date_trunc('hour', observed_at, 'UTC'), 'contest'
FROM rating WHERE id = %(rating)s AND amends IS NULL
ON CONFLICT DO NOTHING
