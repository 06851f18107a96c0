-- Until when somebody served, so that who served in the morning is told from who served in the afternoon.
CREATE OR REPLACE VIEW served_days AS
SELECT unit, counter, starts_at, hashtextextended(officer, 0) AS person, ends_at FROM duty;
