"""What stands in each kind of report."""
