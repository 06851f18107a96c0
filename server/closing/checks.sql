-- name: contests
-- Objections to the period, or to a day or shorter period in it, that nobody has answered.
SELECT unit, count(*) FROM contest
WHERE effect IS NULL AND period = ANY (%(periods)s::text[])
GROUP BY unit ORDER BY unit

-- name: appraisals
-- Appraisals of the period that are not final.
SELECT unit, count(*) FROM appraisal
WHERE state <> 'final' AND period = ANY (%(periods)s::text[])
GROUP BY unit ORDER BY unit

-- name: restated_contests
-- Objections to the period that were answered since with an effect.
SELECT count(*) FROM contest
WHERE effect <> 'kept' AND answered_at > %(known_at)s AND period = ANY (%(periods)s::text[])

-- name: points
-- Points of the period that were entered since.
SELECT count(*) FROM entered_point WHERE entered_at > %(known_at)s AND period = %(period)s

-- name: learnt
-- Months of the period from which figures were learnt anew since.
SELECT count(*) FROM learnt_month
WHERE learnt_at > %(known_at)s AND month >= %(first_day)s AND month < %(end_day)s

-- name: acts
-- Acts since that change what figures are made by: rosters, calendars, procedures, targets, units, repairs, a
-- new release. Dossiers and complaints that came are told by their rows.
SELECT action, count(*) FROM audit_entry
WHERE at > %(known_at)s AND action = ANY (%(actions)s::text[])
GROUP BY action ORDER BY action
