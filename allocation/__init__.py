"""Scores + pools + rules → fen. Pure; the only place that knows PuLP."""
