"""DeepFace beside our own models, for audits: it runs in an environment and a process of its own.

`worker` is the only module that imports deepface, and imports nothing of ours; `client` speaks with
it, and `entries` makes its models comparable with the registry's.
"""
