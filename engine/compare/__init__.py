"""Policy documents side by side."""
