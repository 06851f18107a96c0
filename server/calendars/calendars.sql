-- name: calendar_rules
-- All of them: a province has few calendars, and each has few days of its own.
SELECT calendar.id, public_holidays, weekday, day, hours
FROM calendar
LEFT JOIN calendar_rule ON calendar_rule.calendar = calendar.id
ORDER BY calendar.id, weekday, day

-- name: calendars_of_units
-- A unit without a calendar has that of the nearest unit above it that has one.
WITH RECURSIVE above AS (
    SELECT id AS unit, parent, calendar, 0 AS distance FROM unit
    UNION ALL
    SELECT above.unit, unit.parent, unit.calendar, distance + 1
    FROM above
    JOIN unit ON unit.id = above.parent
    WHERE above.calendar IS NULL AND distance < 40
)
SELECT DISTINCT ON (above.unit) above.unit, coalesce(calendar.id, 'default')
FROM above
LEFT JOIN calendar ON calendar.id = above.calendar
ORDER BY above.unit, above.calendar IS NULL, distance

-- name: keep_calendars
-- A calendar is there as soon as a rule names it.
INSERT INTO calendar (id) SELECT DISTINCT unnest(%(calendars)s::text[]) ON CONFLICT (id) DO NOTHING

-- name: import_rule
-- The same day again replaces what was said of it.
INSERT INTO calendar_rule (calendar, weekday, day, hours, note)
VALUES (%(calendar)s, %(weekday)s, %(day)s, %(hours)s, %(note)s)
ON CONFLICT (calendar, weekday, day) DO UPDATE SET hours = EXCLUDED.hours, note = EXCLUDED.note

-- name: rules_of_year
-- Weekdays of every calendar and its own days of one year; a calendar without rules has a row of nulls.
SELECT calendar.id, public_holidays, weekday, day, hours, note
FROM calendar
LEFT JOIN calendar_rule
    ON calendar_rule.calendar = calendar.id
    AND (day IS NULL OR extract(year FROM day) = %(year)s::integer)
ORDER BY calendar.id, weekday, day
