-- name: has_history
-- Only a history leaves simulated units behind that no device has named.
SELECT EXISTS (SELECT FROM unit WHERE simulated)

-- name: prepare
-- Days and months are summed once at the end, and indexes built once over everything: a third of the
-- time. Whoever writes totals waits meanwhile.
SET LOCAL maintenance_work_mem = '256MB';
ALTER TABLE visit_hourly DISABLE TRIGGER USER, DROP CONSTRAINT visit_hourly_pkey;
DROP INDEX visit_hourly_day, visit_hourly_officer_hour_idx;
ALTER TABLE service_time_hourly DISABLE TRIGGER USER, DROP CONSTRAINT service_time_hourly_pkey;
DROP INDEX service_time_hourly_day, service_time_hourly_officer_hour_idx;
ALTER TABLE wait_hourly DISABLE TRIGGER USER, DROP CONSTRAINT wait_hourly_pkey;
DROP INDEX wait_hourly_day, wait_hourly_officer_hour_idx;
ALTER TABLE rating_hourly DISABLE TRIGGER USER, DROP CONSTRAINT rating_hourly_pkey;
DROP INDEX rating_hourly_day, rating_hourly_officer_hour_idx;
ALTER TABLE prompt_hourly DISABLE TRIGGER USER, DROP CONSTRAINT prompt_hourly_pkey;
DROP INDEX prompt_hourly_day, prompt_hourly_officer_hour_idx;
ALTER TABLE presence_hourly DISABLE TRIGGER USER

-- name: finish
-- As the migrations left them.
ALTER TABLE visit_hourly ENABLE TRIGGER USER, ADD PRIMARY KEY (unit, counter, hour, officer, family);
CREATE INDEX visit_hourly_day ON visit_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX visit_hourly_officer_hour_idx ON visit_hourly (officer, hour) WHERE officer <> '';
ALTER TABLE service_time_hourly ENABLE TRIGGER USER, ADD PRIMARY KEY (unit, counter, hour, officer, family, bin);
CREATE INDEX service_time_hourly_day ON service_time_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX service_time_hourly_officer_hour_idx ON service_time_hourly (officer, hour) WHERE officer <> '';
ALTER TABLE wait_hourly ENABLE TRIGGER USER, ADD PRIMARY KEY (unit, counter, hour, officer, family, bin);
CREATE INDEX wait_hourly_day ON wait_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX wait_hourly_officer_hour_idx ON wait_hourly (officer, hour) WHERE officer <> '';
ALTER TABLE rating_hourly ENABLE TRIGGER USER, ADD PRIMARY KEY (unit, counter, hour, officer, family);
CREATE INDEX rating_hourly_day ON rating_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX rating_hourly_officer_hour_idx ON rating_hourly (officer, hour) WHERE officer <> '';
ALTER TABLE prompt_hourly ENABLE TRIGGER USER, ADD PRIMARY KEY (unit, counter, hour, officer, family);
CREATE INDEX prompt_hourly_day ON prompt_hourly (((hour AT TIME ZONE INTERVAL '7 hours')::date));
CREATE INDEX prompt_hourly_officer_hour_idx ON prompt_hourly (officer, hour) WHERE officer <> '';
ALTER TABLE presence_hourly ENABLE TRIGGER USER

-- name: insert_unit
-- Marked as simulated, which every screen says.
INSERT INTO unit (id, kind, name_vi, name_en, registered_by, simulated)
VALUES (%(id)s, %(kind)s, %(name_vi)s, %(name_en)s, 'import', true)
ON CONFLICT (id) DO UPDATE SET
    kind = EXCLUDED.kind, name_vi = EXCLUDED.name_vi, name_en = EXCLUDED.name_en,
    registered_by = 'import', simulated = true

-- name: insert_counter
-- A live simulation may have named it already.
INSERT INTO counter (unit, id) VALUES (%(unit)s, %(counter)s) ON CONFLICT DO NOTHING

-- name: insert_family
-- Families of procedures, marked as simulated by their names.
INSERT INTO procedure_family (id, name_vi, name_en) VALUES (%(id)s, %(name_vi)s, %(name_en)s)
ON CONFLICT DO NOTHING

-- name: insert_procedure
-- With the limit by which dossiers without a promise are judged.
INSERT INTO procedure (code, family, name_vi, name_en, limit_days, registered_by)
VALUES (%(code)s, %(family)s, %(name_vi)s, %(name_en)s, %(limit_days)s, 'import')
ON CONFLICT (code) DO NOTHING

-- name: insert_service
-- Ticket machines of the simulation name families themselves.
INSERT INTO ticket_service (service, family) VALUES (%(id)s, %(id)s) ON CONFLICT DO NOTHING

-- name: insert_officer
-- Nobody's name: the code stands for it.
WITH officer AS (
    INSERT INTO officer (code, name) VALUES (%(code)s, %(code)s)
)
INSERT INTO officer_post (officer, unit) VALUES (%(code)s, %(unit)s)

-- name: copy_assignment
-- Rosters, a row a counter and week.
COPY assignment (id, officer, unit, counter, starts_at, ends_at, source) FROM STDIN

-- name: derive_duty
-- Nobody signs on in a history: duty is what rosters say, cut at midnight as server/staff/duty.sql does.
INSERT INTO duty (unit, counter, officer, starts_at, ends_at, signed_on)
SELECT
    unit, counter, officer, greatest(starts_at, day), least(ends_at, day + INTERVAL '1 day'), false
FROM assignment
CROSS JOIN generate_series(
    date_trunc('day', starts_at, 'Asia/Ho_Chi_Minh'), ends_at, INTERVAL '1 day'
) AS day
WHERE counter IS NOT NULL AND NOT cancelled
ON CONFLICT DO NOTHING

-- name: set_horizon
-- Before this day there are totals alone.
UPDATE raw_horizon SET kept_from = greatest(kept_from, %(kept_from)s)

-- name: sum_levels
-- Days and months of all totals.
SELECT roll_up_anew(hourly_total) FROM hourly_total UNION ALL SELECT group_opinions_anew()

-- name: sum_links
-- Days and months of linked ratings.
SELECT count_unattributed_anew()

-- name: sum_presence
-- Days and months in which counters were heard.
WITH daily AS (
    INSERT INTO presence_daily
    SELECT
        unit, counter, (hour AT TIME ZONE INTERVAL '7 hours')::date, max(last_seen), max(last_counted),
        bit_or(hour_bit(hour)),
        coalesce(bit_or(hour_bit(hour)) FILTER (WHERE last_counted IS NOT NULL), 0)
    FROM presence_hourly
    GROUP BY 1, 2, 3
    ON CONFLICT DO NOTHING
)
INSERT INTO presence_monthly
SELECT
    unit, date_trunc('month', hour AT TIME ZONE INTERVAL '7 hours')::date, max(last_seen),
    max(last_counted)
FROM presence_hourly
GROUP BY 1, 2
ON CONFLICT DO NOTHING

-- name: analyze
-- The planner would take the new tables for empty ones.
ANALYZE


-- name: copy_visit_hourly
-- Rows as the generator gives them.
COPY visit_hourly (
    unit, counter, hour, officer, family, visits, newest
) FROM STDIN

-- name: copy_service_time_hourly
-- Rows as the generator gives them.
COPY service_time_hourly (
    unit, counter, hour, officer, family, bin, visits, newest
) FROM STDIN

-- name: copy_wait_hourly
-- Rows as the generator gives them.
COPY wait_hourly (
    unit, counter, hour, officer, family, bin, served, within_15, within_30, abandoned, newest
) FROM STDIN

-- name: copy_rating_hourly
-- Rows as the generator gives them.
COPY rating_hourly (
    unit, counter, hour, officer, family, score_1, score_2, score_3, score_4, score_5, newest
) FROM STDIN

-- name: copy_prompt_hourly
-- Rows as the generator gives them.
COPY prompt_hourly (
    unit, counter, hour, officer, family, shown, answered, skipped, timed_out, newest
) FROM STDIN

-- name: copy_presence_hourly
-- Rows as the generator gives them.
COPY presence_hourly (
    unit, counter, hour, last_seen, last_counted
) FROM STDIN

-- name: copy_expression_daily
-- Rows as the generator gives them.
COPY expression_daily (
    unit, day, seen, visits, negative, neutral, positive, positive_squared, newest
) FROM STDIN

-- name: copy_visit
-- Rows as the generator gives them.
COPY visit (
    id, observed_at, unit, counter, device, seq, started_at, service_s, wait_s, faces, readings, negative, neutral, positive,
    expression_change, complete, received_at
) FROM STDIN

-- name: copy_wait
-- Rows as the generator gives them.
COPY wait (
    id, observed_at, unit, counter, device, seq, started_at, wait_s, outcome, received_at
) FROM STDIN

-- name: copy_rating
-- Rows as the generator gives them.
COPY rating (
    id, observed_at, unit, counter, device, seq, score, source, language, received_at
) FROM STDIN

-- name: copy_prompt
-- Rows as the generator gives them.
COPY prompt (
    id, observed_at, unit, counter, device, seq, prompt, event, opened_by, received_at
) FROM STDIN

-- name: copy_ticket
-- Rows as the generator gives them.
COPY ticket (
    id, observed_at, unit, counter, device, seq, number, event, service, received_at
) FROM STDIN

-- name: mark_links
-- The worker finds the links of the days that have messages.
INSERT INTO link_due (unit, day)
SELECT unit, day FROM visit_daily WHERE day >= (SELECT kept_from FROM raw_horizon)
ON CONFLICT DO NOTHING
