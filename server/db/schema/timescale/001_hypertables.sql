-- Event tables become hypertables: chunks of a week for the two dense streams, of a month for the rest.

SELECT create_hypertable('observation', by_range('observed_at', INTERVAL '7 days'), create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('health', by_range('observed_at', INTERVAL '7 days'), create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('visit', by_range('observed_at', INTERVAL '1 month'), create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('wait', by_range('observed_at', INTERVAL '1 month'), create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('rating', by_range('observed_at', INTERVAL '1 month'), create_default_indexes => false, migrate_data => true);
SELECT create_hypertable('ticket', by_range('observed_at', INTERVAL '1 month'), create_default_indexes => false, migrate_data => true);
