"""text_classification."""
