-- The province's books: mergers of units, officers, their posts, and who served where.

ALTER TABLE unit
    ADD COLUMN successor text REFERENCES unit,
    -- NULL is the parent's calendar.
    ADD COLUMN calendar text,
    ADD COLUMN latitude double precision,
    ADD COLUMN longitude double precision,
    ADD CONSTRAINT unit_successor_other CHECK (successor <> id),
    ADD CONSTRAINT unit_successor_end CHECK (successor IS NULL OR valid_to < 'infinity'),
    ADD CONSTRAINT unit_place CHECK ((latitude IS NULL) = (longitude IS NULL));
CREATE INDEX unit_successor ON unit (successor) WHERE successor IS NOT NULL;

-- Where a unit stood before it came below its present parent: until the day before `until`.
CREATE TABLE unit_former_parent (
    unit text NOT NULL REFERENCES unit,
    parent text REFERENCES unit,
    until date NOT NULL,
    PRIMARY KEY (unit, until)
);
