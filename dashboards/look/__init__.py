"""What all screens share: colours, type, figures, texts and assets."""
