"""Appraisal by a legal scheme: self score, the next level's score, answer, final score."""
