-- When a counter is to be open is no secret: who serves there is.
CREATE VIEW counter_roster AS
SELECT unit, counter, starts_at, ends_at
FROM assignment
WHERE counter IS NOT NULL AND NOT cancelled;
