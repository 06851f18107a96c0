"""The synthetic scene that is bundled, so that a device without a camera shows what it does."""
