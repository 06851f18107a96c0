-- Raw rows go after 400 days, the hourly totals stay. It must be longer than the 366 days for which
-- ingest accepts a message: a resend of a row already dropped would be counted a second time.

SELECT add_retention_policy('observation', INTERVAL '400 days');
SELECT add_retention_policy('health', INTERVAL '400 days');
SELECT add_retention_policy('visit', INTERVAL '400 days');
SELECT add_retention_policy('wait', INTERVAL '400 days');
SELECT add_retention_policy('ticket', INTERVAL '400 days');
SELECT add_retention_policy('rating', INTERVAL '400 days');
