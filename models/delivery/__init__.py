"""How models reach the machines that use them: fetched, mirrored, signed, published."""
