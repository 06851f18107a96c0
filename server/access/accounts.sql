-- name: add_account
-- A name that was given before is refused by its constraint.
INSERT INTO account (name, full_name, officer) VALUES (%(name)s, %(full_name)s, %(officer)s)
RETURNING id

-- name: add_role
-- A role may be given again.
INSERT INTO account_role (account, role, unit) VALUES (%(account)s, %(role)s, %(unit)s)
ON CONFLICT DO NOTHING

-- name: drop_roles
-- Before the roles that single sign-on names now are given.
DELETE FROM account_role WHERE account = %(account)s

-- name: accounts
-- All, with their roles; what hides in a hash stays there.
SELECT
    account.name, account.full_name, account.officer, account.disabled_at, account.password IS NOT NULL,
    account.issuer IS NOT NULL,
    EXISTS (SELECT FROM second_factor WHERE account = account.id AND confirmed_at IS NOT NULL),
    (SELECT max(used_at) FROM sign_in WHERE sign_in.account = account.id),
    coalesce(
        (
            SELECT array_agg(ARRAY[role, unit] ORDER BY role, unit)
            FROM account_role WHERE account_role.account = account.id
        ),
        '{}'
    )
FROM account
ORDER BY account.name

-- name: account_named
-- For who signs in, and for commands.
SELECT id, name, full_name, officer, password, disabled_at FROM account WHERE name = %(name)s

-- name: account_of_subject
-- For who comes from the province's single sign-on.
SELECT id, name, full_name, officer, password, disabled_at
FROM account WHERE issuer = %(issuer)s AND subject = %(subject)s

-- name: set_subject
-- The subject is fixed for good; names and addresses may be given to others.
UPDATE account SET issuer = %(issuer)s, subject = %(subject)s WHERE id = %(account)s

-- name: lock_administrators
-- Two administrators who disable each other at once must not both succeed.
SELECT account.id
FROM account JOIN account_role ON account_role.account = account.id
WHERE account_role.role = 'administrator' AND account.disabled_at IS NULL
ORDER BY account.id
FOR UPDATE OF account

-- name: disable_account
-- Signed in or not, it ends now.
UPDATE account SET disabled_at = coalesce(disabled_at, %(now)s) WHERE id = %(account)s

-- name: enable_account
-- With the next link.
UPDATE account SET disabled_at = NULL WHERE id = %(account)s

-- name: end_sign_ins_of
-- Of a disabled account, or after its password or roles changed.
UPDATE sign_in SET ended_at = %(now)s WHERE account = %(account)s AND ended_at IS NULL

-- name: add_link
-- The older ones of the account are void from now on.
WITH void AS (
    UPDATE account_link SET used_at = %(now)s WHERE account = %(account)s AND used_at IS NULL
)
INSERT INTO account_link (token, account, ends_at) VALUES (%(token)s, %(account)s, %(ends_at)s)

-- name: link_owner
-- Whose link it is, while it is good.
SELECT account.id, account.name, account.full_name
FROM account_link JOIN account ON account.id = account_link.account
WHERE account_link.token = %(token)s AND account_link.used_at IS NULL AND %(now)s < account_link.ends_at
    AND account.disabled_at IS NULL

-- name: use_link
-- Once, also when two come at the same time.
UPDATE account_link SET used_at = %(now)s
WHERE token = %(token)s AND used_at IS NULL AND %(now)s < ends_at
RETURNING account

-- name: set_password
-- The hash.
UPDATE account SET password = %(password)s, password_at = %(now)s WHERE id = %(account)s

-- name: remove_second_factor
-- An administrator's reset takes a lost one away; the role demands a new one.
DELETE FROM second_factor WHERE account = %(account)s

-- name: remove_recovery_codes
-- With the second factor that they stand in for.
DELETE FROM recovery_code WHERE account = %(account)s
