-- Opinions below a unit, by counter, family or officer, in groups of ten or more: who looks twice, or
-- subtracts, learns of ten people at least. Ratings wait until their cell has ten; then all that wait are
-- told, on the day of the newest. Every told figure is a sum of such groups, whatever the period.

CREATE TABLE opinion_told (
    dimension text NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    family text NOT NULL,
    officer text NOT NULL,
    day date NOT NULL,
    score_1 bigint NOT NULL, score_2 bigint NOT NULL, score_3 bigint NOT NULL, score_4 bigint NOT NULL,
    score_5 bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (dimension, unit, counter, family, officer, day)
);
CREATE INDEX opinion_told_day ON opinion_told (day, dimension);

-- What is not told yet. Counts are negative where ratings that were told turned out to be another's.
CREATE TABLE opinion_waiting (
    dimension text NOT NULL,
    unit text NOT NULL,
    counter text NOT NULL,
    family text NOT NULL,
    officer text NOT NULL,
    score_1 bigint NOT NULL, score_2 bigint NOT NULL, score_3 bigint NOT NULL, score_4 bigint NOT NULL,
    score_5 bigint NOT NULL, newest timestamptz NOT NULL,
    PRIMARY KEY (dimension, unit, counter, family, officer)
) WITH (fillfactor = 50);

-- Each rating waits in the cell of its counter, and in those of its family and officer where they are known.
CREATE FUNCTION opinions_wait() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text := array_to_string(ARRAY[
        CASE WHEN TG_OP <> 'DELETE' THEN 'SELECT 1 AS sign, * FROM added' END,
        CASE WHEN TG_OP <> 'INSERT' THEN 'SELECT -1 AS sign, * FROM removed' END
    ], ' UNION ALL ');
BEGIN
    IF current_setting('motcua.renaming', true) = 'on' THEN
        RETURN NULL;  -- an officer's code changes everywhere: nothing becomes another's
    END IF;
    EXECUTE format(
        $query$
        INSERT INTO opinion_waiting AS waiting
        SELECT cell.dimension, changed.unit, cell.counter, cell.family, cell.officer,
            sum(sign * score_1), sum(sign * score_2), sum(sign * score_3), sum(sign * score_4),
            sum(sign * score_5), max(newest)
        FROM (%s) AS changed
        CROSS JOIN LATERAL (
            VALUES
                ('counter', changed.counter, '', ''), ('family', '', changed.family, ''),
                ('officer', '', '', changed.officer)
        ) AS cell (dimension, counter, family, officer)
        WHERE cell.counter || cell.family || cell.officer <> ''
        GROUP BY 1, 2, 3, 4, 5
        HAVING sum(sign * score_1) <> 0 OR sum(sign * score_2) <> 0 OR sum(sign * score_3) <> 0
            OR sum(sign * score_4) <> 0 OR sum(sign * score_5) <> 0
        ORDER BY 1, 2, 3, 4, 5
        ON CONFLICT (dimension, unit, counter, family, officer) DO UPDATE SET
            score_1 = waiting.score_1 + EXCLUDED.score_1, score_2 = waiting.score_2 + EXCLUDED.score_2,
            score_3 = waiting.score_3 + EXCLUDED.score_3, score_4 = waiting.score_4 + EXCLUDED.score_4,
            score_5 = waiting.score_5 + EXCLUDED.score_5, newest = greatest(waiting.newest, EXCLUDED.newest)
        $query$, changed
    );
    RETURN NULL;
END $$;

-- At the end of the transaction, so that hours that are counted anew between forgetting and counting tell
-- nothing. Ten that are another's are taken back as ten are told.
CREATE FUNCTION opinions_told() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ready opinion_waiting;
BEGIN
    DELETE FROM opinion_waiting AS waiting
    WHERE (dimension, unit, counter, family, officer)
            = (NEW.dimension, NEW.unit, NEW.counter, NEW.family, NEW.officer)
        AND abs(score_1 + score_2 + score_3 + score_4 + score_5) >= 10
    RETURNING waiting.* INTO ready;
    IF FOUND THEN
        INSERT INTO opinion_told AS told VALUES (
            ready.dimension, ready.unit, ready.counter, ready.family, ready.officer,
            (ready.newest AT TIME ZONE INTERVAL '7 hours')::date,
            ready.score_1, ready.score_2, ready.score_3, ready.score_4, ready.score_5, ready.newest
        )
        ON CONFLICT (dimension, unit, counter, family, officer, day) DO UPDATE SET
            score_1 = told.score_1 + EXCLUDED.score_1, score_2 = told.score_2 + EXCLUDED.score_2,
            score_3 = told.score_3 + EXCLUDED.score_3, score_4 = told.score_4 + EXCLUDED.score_4,
            score_5 = told.score_5 + EXCLUDED.score_5, newest = greatest(told.newest, EXCLUDED.newest);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER told_at_the_end AFTER INSERT OR UPDATE ON opinion_waiting
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION opinions_told();

CREATE TRIGGER opinions_added AFTER INSERT ON rating_hourly REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION opinions_wait();
CREATE TRIGGER opinions_changed AFTER UPDATE ON rating_hourly REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION opinions_wait();
CREATE TRIGGER opinions_removed AFTER DELETE ON rating_hourly REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION opinions_wait();

-- How many wait after `more` have come: none once there are ten.
CREATE FUNCTION wait_for_ten(waiting bigint, more bigint) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN waiting + more >= 10 THEN 0 ELSE waiting + more END;
CREATE AGGREGATE waiting_after(bigint) (SFUNC = wait_for_ten, STYPE = bigint, INITCOND = '0');

-- Groups formed anew, day after day: after hours were loaded in bulk.
CREATE FUNCTION group_opinions_anew() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE rating_hourly IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM opinion_told;
    DELETE FROM opinion_waiting;
    CREATE TEMPORARY TABLE opinion_days ON COMMIT DROP AS
    WITH days AS (
        SELECT
            cell.dimension, unit, cell.counter, cell.family, cell.officer,
            (hour AT TIME ZONE INTERVAL '7 hours')::date AS day,
            sum(score_1) AS score_1, sum(score_2) AS score_2, sum(score_3) AS score_3,
            sum(score_4) AS score_4, sum(score_5) AS score_5, max(newest) AS newest
        FROM rating_hourly AS total
        CROSS JOIN LATERAL (
            VALUES
                ('counter', total.counter, '', ''), ('family', '', total.family, ''),
                ('officer', '', '', total.officer)
        ) AS cell (dimension, counter, family, officer)
        WHERE cell.counter || cell.family || cell.officer <> ''
        GROUP BY 1, 2, 3, 4, 5, 6
    ), waits AS (
        SELECT *, waiting_after((score_1 + score_2 + score_3 + score_4 + score_5)::bigint) OVER (
            PARTITION BY dimension, unit, counter, family, officer ORDER BY day
        ) AS waiting
        FROM days
    )
    SELECT *, count(*) FILTER (WHERE waiting = 0) OVER (
        PARTITION BY dimension, unit, counter, family, officer ORDER BY day
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS number
    FROM waits;
    INSERT INTO opinion_told
    SELECT dimension, unit, counter, family, officer, max(day), sum(score_1), sum(score_2), sum(score_3),
        sum(score_4), sum(score_5), max(newest)
    FROM opinion_days
    GROUP BY 1, 2, 3, 4, 5, number
    HAVING sum(score_1 + score_2 + score_3 + score_4 + score_5) >= 10;
    INSERT INTO opinion_waiting
    SELECT dimension, unit, counter, family, officer, sum(score_1), sum(score_2), sum(score_3),
        sum(score_4), sum(score_5), max(newest)
    FROM opinion_days
    GROUP BY 1, 2, 3, 4, 5, number
    HAVING sum(score_1 + score_2 + score_3 + score_4 + score_5) BETWEEN 1 AND 9;
    DROP TABLE opinion_days;
END $$;
SELECT group_opinions_anew();
