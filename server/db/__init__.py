"""The database: migrations, named queries, and how to reach it."""
