-- Old chunks of the dense streams go to the columnstore, which still accepts late rows.

ALTER TABLE observation SET (timescaledb.compress, timescaledb.compress_segmentby = 'unit, counter', timescaledb.compress_orderby = 'observed_at DESC');
SELECT add_compression_policy('observation', INTERVAL '14 days');
ALTER TABLE health SET (timescaledb.compress, timescaledb.compress_segmentby = 'unit, counter, device', timescaledb.compress_orderby = 'observed_at DESC');
SELECT add_compression_policy('health', INTERVAL '14 days');
