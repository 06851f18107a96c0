-- name: forget_clocks
-- At the start: what an earlier process measured may rest on a server's clock that was wrong.
UPDATE device SET clock_offset_s = NULL, shared_by = NULL
WHERE clock_offset_s IS NOT NULL OR shared_by IS NOT NULL

-- name: store_device_clocks
-- Only where it moved by more than a heartbeat's delay varies, so that rows are not rewritten for
-- nothing.
UPDATE device SET clock_offset_s = measured.offset_s
FROM unnest(
    %(unit)s::text[], %(counter)s::text[], %(device)s::text[], %(offset_s)s::double precision[]
) AS measured (unit, counter, id, offset_s)
WHERE device.unit = measured.unit AND device.counter = measured.counter AND device.id = measured.id
    AND (device.clock_offset_s IS NULL OR abs(device.clock_offset_s - measured.offset_s) > 1)

-- name: store_shared
-- Of two units with one identity, their addresses; of all others, nothing.
UPDATE device SET shared_by = wanted.addresses
FROM (
    SELECT
        known.unit, known.counter, known.id,
        CASE WHEN named.id IS NOT NULL
            THEN coalesce(string_to_array(nullif(named.addresses, ''), ','), '{}')
        END AS addresses
    FROM device AS known
    LEFT JOIN unnest(
        %(unit)s::text[], %(counter)s::text[], %(device)s::text[], %(addresses)s::text[]
    ) AS named (unit, counter, id, addresses)
        ON named.unit = known.unit AND named.counter = known.counter AND named.id = known.id
) AS wanted
WHERE device.unit = wanted.unit AND device.counter = wanted.counter AND device.id = wanted.id
    AND device.shared_by IS DISTINCT FROM wanted.addresses

-- name: store_server_clock
-- `since` is when the state began.
INSERT INTO server_clock AS known (
    state, offset_s, devices, database_offset_s, since, measured_at
)
VALUES (
    %(state)s, %(offset_s)s, %(devices)s, %(database_offset_s)s, %(now)s, %(now)s
)
ON CONFLICT (only_row) DO UPDATE SET
    state = EXCLUDED.state,
    offset_s = EXCLUDED.offset_s,
    devices = EXCLUDED.devices,
    database_offset_s = EXCLUDED.database_offset_s,
    since = CASE WHEN known.state = EXCLUDED.state THEN known.since ELSE EXCLUDED.since END,
    measured_at = EXCLUDED.measured_at

-- name: database_time
-- The database's clock at this moment, not at the transaction's start.
SELECT clock_timestamp()
