"""Working calendars: hours, days off and make-up days, by which dates are promised and counted."""
