-- What is expected of an officer's work, from what all officers did in a month: no officer stands here,
-- so that whoever may see one may see what they are compared with. The worker computes it (server/norms).

-- Complete visits by family of procedures ('' where unknown) and local hour of the day: how many, and
-- the sums of their service times in seconds and of the squares.
CREATE TABLE service_norm (
    month date NOT NULL,
    family text NOT NULL,
    hour smallint NOT NULL,
    visits bigint NOT NULL,
    seconds double precision NOT NULL,
    squared double precision NOT NULL,
    PRIMARY KEY (month, family, hour)
);

-- The beta distribution of officers' true shares of satisfied ratings in a family, from at least three
-- officers.
CREATE TABLE satisfaction_norm (
    month date NOT NULL,
    family text NOT NULL,
    officers bigint NOT NULL,
    ratings bigint NOT NULL,
    alpha double precision NOT NULL,
    beta double precision NOT NULL,
    PRIMARY KEY (month, family)
);

-- The middle of the values in a bin of log_bin (006).
CREATE FUNCTION bin_value(bin smallint) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 2 * power(1.02 / 0.98, bin)::double precision / (1.02 / 0.98 + 1);
