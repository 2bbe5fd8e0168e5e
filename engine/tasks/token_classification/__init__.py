"""token_classification."""
