-- name: device_there
-- Locked, so that of two that configure it at once the second sees the first.
SELECT config_version FROM device
WHERE unit = %(unit)s AND counter = %(counter)s AND id = %(device)s
FOR NO KEY UPDATE

-- name: reported_version
-- Which version the device says it has.
SELECT config_version FROM device
WHERE unit = %(unit)s AND counter = %(counter)s AND id = %(device)s

-- name: versions
-- Without their contents, the newest first.
SELECT version, made_at, made_by, published_at FROM device_config
WHERE unit = %(unit)s AND counter = %(counter)s AND device = %(device)s
ORDER BY version DESC
LIMIT 200

-- name: content
-- Of one version, without one of the newest.
SELECT version, content FROM device_config
WHERE unit = %(unit)s AND counter = %(counter)s AND device = %(device)s
    AND (%(version)s::bigint IS NULL OR version = %(version)s::bigint)
ORDER BY version DESC
LIMIT 1

-- name: add_version
-- Versions are never changed.
INSERT INTO device_config (unit, counter, device, version, content, phone_address, made_at, made_by)
VALUES (
    %(unit)s, %(counter)s, %(device)s, %(version)s, %(content)s::jsonb, %(phone_address)s, %(now)s, %(by)s
)

-- name: key_in_use
-- The key with which the device signs.
SELECT number, key FROM phone_key
WHERE unit = %(unit)s AND counter = %(counter)s AND device = %(device)s AND ended_at IS NULL

-- name: end_key
-- Tokens signed with it are read until they expire.
UPDATE phone_key SET ended_at = %(now)s
WHERE unit = %(unit)s AND counter = %(counter)s AND device = %(device)s AND ended_at IS NULL

-- name: add_key
-- One in use for each device.
INSERT INTO phone_key (unit, counter, device, key, made_at)
VALUES (%(unit)s, %(counter)s, %(device)s, %(key)s, %(now)s)
RETURNING number, key

-- name: to_publish
-- The newest of each device that is not at the broker yet, or that its device, which is heard, has not
-- taken in ten minutes: a broker may have lost what it retained. What was told to the broker for a
-- device that was retired in between was cleared there.
SELECT
    made.unit, made.counter, made.device, made.version, made.content, made.made_at,
    made.phone_address, key.number, key.key
FROM device
JOIN LATERAL (
    SELECT * FROM device_config AS config
    WHERE config.unit = device.unit AND config.counter = device.counter AND config.device = device.id
    ORDER BY version DESC
    LIMIT 1
) AS made ON true
LEFT JOIN phone_key AS key
    ON key.unit = device.unit AND key.counter = device.counter AND key.device = device.id
    AND key.ended_at IS NULL
WHERE device.retired_at IS NULL AND (
    made.published_at IS NULL
    OR (
        device.config_version IS DISTINCT FROM made.version
        AND made.published_at < %(now)s::timestamptz - INTERVAL '10 minutes'
        AND device.last_seen > %(now)s::timestamptz - INTERVAL '1 minute'
    )
)
ORDER BY made.unit, made.counter, made.device
LIMIT 100

-- name: published
-- It is at the broker.
UPDATE device_config SET published_at = %(now)s
WHERE unit = %(unit)s AND counter = %(counter)s AND device = %(device)s AND version = %(version)s

-- name: unpublish
-- It was cleared at the broker, and is to be there again when the device comes back.
UPDATE device_config SET published_at = NULL
WHERE unit = %(unit)s AND counter = %(counter)s AND device = %(device)s
