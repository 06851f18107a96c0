-- name: preferences
-- What an account has chosen.
SELECT chosen FROM account_preference WHERE account = %(account)s

-- name: choose
-- What is not named stays; what is named as null is chosen no more.
INSERT INTO account_preference AS known (account, chosen, changed_at)
VALUES (%(account)s, jsonb_strip_nulls(%(chosen)s::jsonb), %(now)s)
ON CONFLICT (account) DO UPDATE SET
    chosen = jsonb_strip_nulls(known.chosen || %(chosen)s::jsonb), changed_at = EXCLUDED.changed_at
