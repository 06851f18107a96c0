"""The way in: who may see which page, signing in and out, and walls' screens."""
