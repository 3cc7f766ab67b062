"""Benches: each module here measures rows and names the bar of each; ``uv run python -m bench NAME``."""
