"""load_model."""
