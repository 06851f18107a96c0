"""The experience index: ratings, and for silent visits what is seen of them."""
