"""From MQTT to KPIs: ingest, database, KPI catalogue and API."""
