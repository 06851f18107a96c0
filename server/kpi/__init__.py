"""The KPI catalogue and the pure functions that compute it."""
