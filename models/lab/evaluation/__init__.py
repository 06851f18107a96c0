"""How good and how fast the models are: on labelled faces, by commands that anyone can run."""
