-- name: unjudged
-- A few rows, none while all is well.
SELECT rule, since, tried_at FROM alert_unjudged

-- name: note_unjudged
-- It fails, since the first time.
INSERT INTO alert_unjudged (rule, since, tried_at, problem) VALUES (%(rule)s, %(now)s, %(now)s, %(problem)s)
ON CONFLICT (rule) DO UPDATE SET tried_at = EXCLUDED.tried_at, problem = EXCLUDED.problem

-- name: forget_unjudged
-- These do not fail any more.
DELETE FROM alert_unjudged WHERE rule = ANY (%(rules)s)
