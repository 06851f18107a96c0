"""The KPI catalogue, one module a family."""
