"""fine_tune."""
