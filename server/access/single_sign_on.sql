-- name: begin
-- What the answer is checked against.
INSERT INTO sign_on_flow (state, browser, verifier, nonce, ends_at)
VALUES (%(state)s, %(browser)s, %(verifier)s, %(nonce)s, %(ends_at)s)

-- name: take
-- An answer is good once, in the browser that asked.
DELETE FROM sign_on_flow
WHERE state = %(state)s AND browser = %(browser)s AND %(now)s < ends_at
RETURNING verifier, nonce

-- name: purge
-- Sign-ins that nobody finished.
DELETE FROM sign_on_flow WHERE ends_at < %(now)s
