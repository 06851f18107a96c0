"""What telephones answered to the questions beside ratings, as figures of a unit."""
