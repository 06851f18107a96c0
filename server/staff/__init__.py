"""Officers, their posts, and who served where and when."""
