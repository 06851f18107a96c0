"""What frames mean: zones, visits, waits and windows, computed on values and nothing else."""
