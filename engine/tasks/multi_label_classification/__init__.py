"""Any number of labels for each text, or for each pair of texts."""
