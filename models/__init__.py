"""Models: manifests, bundled weights, training and evaluation."""
