"""What every answer over HTTP has in common: errors, limits, request ids, pages and conditions."""
