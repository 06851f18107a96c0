-- name: begin
-- Until it is confirmed, an older one that is confirmed stays.
INSERT INTO second_factor (account, secret) VALUES (%(account)s, %(secret)s)
ON CONFLICT (account) DO UPDATE SET secret = EXCLUDED.secret
WHERE second_factor.confirmed_at IS NULL
RETURNING account

-- name: secret
-- For checking a code; whether it is confirmed decides what the code is for.
SELECT secret, confirmed_at IS NOT NULL FROM second_factor WHERE account = %(account)s

-- name: take_step
-- A code works once, also when it comes twice at the same time; an older one does not work after it.
UPDATE second_factor SET last_step = %(step)s, confirmed_at = coalesce(confirmed_at, %(now)s)
WHERE account = %(account)s AND last_step < %(step)s
RETURNING account

-- name: remove_codes
-- Before new ones.
DELETE FROM recovery_code WHERE account = %(account)s

-- name: add_code
-- One of those that stand in for a lost device.
INSERT INTO recovery_code (account, code) VALUES (%(account)s, %(code)s)

-- name: use_code
-- Once.
UPDATE recovery_code SET used_at = %(now)s
WHERE account = %(account)s AND code = %(code)s AND used_at IS NULL
RETURNING account
