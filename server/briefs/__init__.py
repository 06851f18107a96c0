"""The daily brief by e-mail: five figures, what got worse, and what to ask whom."""
