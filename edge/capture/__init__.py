"""Where frames come from: cameras, streams, recordings and the bundled scene."""
