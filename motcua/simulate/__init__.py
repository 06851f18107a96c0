"""A simulated province: plausible days at many counters, published through the contract."""
