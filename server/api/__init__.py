"""REST and WebSocket: what dashboards and other systems read."""
