"""Packs and plans: read, checked, found."""
