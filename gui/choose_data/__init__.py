"""choose_data."""
