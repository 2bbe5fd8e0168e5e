"""Beside a run: baselines, the coach, the watch-list."""
