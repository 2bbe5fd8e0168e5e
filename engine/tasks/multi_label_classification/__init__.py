"""multi_label_classification."""
