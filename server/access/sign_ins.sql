-- name: begin_sign_in
-- A token of its own each time: one that was known before signing in is worth nothing.
INSERT INTO sign_in (token, account, began_at, used_at, ends_at, second_factor, address, agent)
VALUES (
    %(token)s, %(account)s, %(now)s, %(now)s, %(ends_at)s, %(second_factor)s, %(address)s, %(agent)s
)
RETURNING id

-- name: signed_in
-- Who a token stands for, while it does.
SELECT
    sign_in.id, account.id, account.name, account.full_name, account.officer,
    sign_in.second_factor, sign_in.used_at,
    coalesce(
        (
            SELECT array_agg(ARRAY[role, unit] ORDER BY role, unit)
            FROM account_role WHERE account_role.account = account.id
        ),
        '{}'
    )
FROM sign_in JOIN account ON account.id = sign_in.account
WHERE sign_in.token = %(token)s AND sign_in.ended_at IS NULL AND account.disabled_at IS NULL
    AND %(now)s < sign_in.ends_at AND %(idle_since)s < sign_in.used_at

-- name: named
-- Who an account stands for, while it is not disabled.
SELECT
    account.id, account.officer,
    coalesce(
        (
            SELECT array_agg(ARRAY[role, unit] ORDER BY role, unit)
            FROM account_role WHERE account_role.account = account.id
        ),
        '{}'
    )
FROM account WHERE name = %(name)s AND disabled_at IS NULL

-- name: appraised_units
-- Where somebody has open appraisals: there an appraiser sees officers.
SELECT DISTINCT unit FROM appraisal WHERE appraiser = %(account)s AND state <> 'final'

-- name: key_used
-- Which rights a key has, while it does.
SELECT name, rights, unit, used_at
FROM api_key
WHERE token = %(token)s AND revoked_at IS NULL AND (ends_at IS NULL OR %(now)s < ends_at)

-- name: screen_shown
-- Which screen a token stands for.
SELECT name, unit, scenes, used_at FROM screen WHERE token = %(token)s AND revoked_at IS NULL

-- name: below
-- Each unit with everything that is or was below it. UNION, not UNION ALL: a circle would never end.
WITH RECURSIVE below (top, unit) AS (
    SELECT id, id FROM unit WHERE id = ANY (%(units)s)
    UNION
    SELECT below.top, unit.id FROM unit JOIN below ON unit.parent = below.unit
)
SELECT top, unit FROM below

-- name: touch_sign_in
-- At most once a minute; never backward, for two processes may do it at once.
UPDATE sign_in SET used_at = greatest(used_at, %(now)s) WHERE token = %(token)s

-- name: touch_key
-- As above.
UPDATE api_key SET used_at = greatest(used_at, %(now)s) WHERE token = %(token)s

-- name: touch_screen
-- As above.
UPDATE screen SET used_at = greatest(used_at, %(now)s) WHERE token = %(token)s

-- name: sign_ins_of
-- Where an account is signed in now.
SELECT id, began_at, used_at, ends_at, address, agent
FROM sign_in
WHERE account = %(account)s AND ended_at IS NULL AND %(now)s < ends_at AND %(idle_since)s < used_at
ORDER BY used_at DESC

-- name: end_sign_in
-- One of the account's own.
UPDATE sign_in SET ended_at = %(now)s
WHERE id = %(sign_in)s AND account = %(account)s AND ended_at IS NULL
RETURNING id

-- name: mark_second_factor
-- After the code was right.
UPDATE sign_in SET second_factor = true WHERE id = %(sign_in)s
