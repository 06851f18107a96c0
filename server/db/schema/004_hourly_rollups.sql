-- Hourly totals per counter. Ingest adds to them, in the statement that inserts, the rows that were
-- really new: a late, repeated or shuffled batch gives the same totals as an orderly one. Sums of
-- fractions are numeric because adding floats depends on their order.

CREATE TABLE rating_hourly (
    unit text NOT NULL,
    counter text NOT NULL,
    hour timestamptz NOT NULL,
    score_1 bigint NOT NULL,
    score_2 bigint NOT NULL,
    score_3 bigint NOT NULL,
    score_4 bigint NOT NULL,
    score_5 bigint NOT NULL,
    newest timestamptz NOT NULL,
    PRIMARY KEY (unit, counter, hour)
);
CREATE INDEX rating_hourly_hour ON rating_hourly (hour);

CREATE TABLE visit_hourly (
    unit text NOT NULL,
    counter text NOT NULL,
    hour timestamptz NOT NULL,
    visits bigint NOT NULL,
    complete_visits bigint NOT NULL,
    service_s numeric NOT NULL,
    waited_visits bigint NOT NULL,
    wait_s numeric NOT NULL,
    expression_visits bigint NOT NULL,
    negative numeric NOT NULL,
    neutral numeric NOT NULL,
    positive numeric NOT NULL,
    positive_squared numeric NOT NULL,
    newest timestamptz NOT NULL,
    newest_expression timestamptz,
    PRIMARY KEY (unit, counter, hour)
);
CREATE INDEX visit_hourly_hour ON visit_hourly (hour);

CREATE TABLE observation_hourly (
    unit text NOT NULL,
    counter text NOT NULL,
    hour timestamptz NOT NULL,
    windows bigint NOT NULL,
    frames bigint NOT NULL,
    queue_windows bigint NOT NULL,
    queue_length_sum bigint NOT NULL,
    queue_length_max integer,
    present_windows bigint NOT NULL,
    people_present_sum bigint NOT NULL,
    people_present_max integer,
    -- Numeric: a sum that outgrows its type would refuse every later message of the hour.
    readings numeric NOT NULL,
    newest timestamptz NOT NULL,
    -- Of the windows that counted anybody or nobody; without a camera there is no count.
    newest_count timestamptz,
    PRIMARY KEY (unit, counter, hour)
);
CREATE INDEX observation_hourly_hour ON observation_hourly (hour);
