-- The streams that came later are hypertables like the rest, kept as long.

SELECT create_hypertable('prompt', by_range('observed_at', INTERVAL '1 month'), create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('officer_session', by_range('observed_at', INTERVAL '1 month'), create_default_indexes => false, migrate_data => true);
SELECT add_retention_policy('prompt', INTERVAL '400 days');
SELECT add_retention_policy('officer_session', INTERVAL '400 days');
