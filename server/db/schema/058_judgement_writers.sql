-- What routes of judgement write: entered points within the units in which whoever asks may enter them
-- (motcua.points_written, said for each transaction); appraisals and contests by their own rules of who acts.

CREATE POLICY known ON entered_point FOR SELECT TO motcua_writer USING (true);
CREATE POLICY written ON entered_point FOR ALL TO motcua_writer USING (
    (SELECT all_units_seen('motcua.points_written'))
    OR unit = ANY ((SELECT units_seen('motcua.points_written'))::text[])
);
CREATE POLICY written ON appraisal FOR ALL TO motcua_writer USING (true);
CREATE POLICY written ON appraisal_step FOR ALL TO motcua_writer USING (true);
CREATE POLICY written ON contest FOR ALL TO motcua_writer USING (true);
