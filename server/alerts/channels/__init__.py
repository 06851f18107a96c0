"""Where alerts are told: e-mail, signed webhooks, what apprise carries, and plain HTTP gateways."""
