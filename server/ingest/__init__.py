"""From the broker to PostgreSQL: nothing is lost, nothing counts twice."""
