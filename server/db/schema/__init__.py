"""Common migrations: the schema, the same on every PostgreSQL."""
