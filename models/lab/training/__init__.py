"""Training of the bundled models: needs PyTorch, which nothing else of the product does."""
