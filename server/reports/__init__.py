"""Reports that commands print or write."""
