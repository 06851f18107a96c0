-- name: be_alone
-- One worker computes figures for receivers; the lock ends with the session, however that ends.
SELECT pg_try_advisory_lock(hashtext('motcua.webhooks.feed'))
