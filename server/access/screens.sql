-- name: add_screen
-- Named again, a screen that was moved or reset begins anew with another code; its old token is void.
INSERT INTO screen (name, unit, scenes, turn_s, language, code, code_ends_at)
VALUES (%(name)s, %(unit)s, %(scenes)s, %(turn_s)s, %(language)s, %(code)s, %(ends_at)s)
ON CONFLICT (name) DO UPDATE SET
    unit = EXCLUDED.unit, scenes = EXCLUDED.scenes, turn_s = EXCLUDED.turn_s,
    language = EXCLUDED.language, code = EXCLUDED.code,
    code_ends_at = EXCLUDED.code_ends_at, token = NULL, entered_at = NULL, revoked_at = NULL

-- name: enter_screen
-- The code works once.
UPDATE screen SET code = NULL, code_ends_at = NULL, token = %(token)s, entered_at = %(now)s
WHERE code = %(code)s AND %(now)s < code_ends_at AND revoked_at IS NULL
RETURNING name, unit, scenes

-- name: screens
-- All of them.
SELECT name, unit, scenes, created_at, entered_at, used_at, revoked_at FROM screen ORDER BY name

-- name: revoke_screen
-- The wall goes dark within seconds.
UPDATE screen SET revoked_at = coalesce(revoked_at, %(now)s), code = NULL WHERE name = %(name)s
RETURNING name
