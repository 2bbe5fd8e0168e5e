"""From prepared rows on disk to batches of tensors."""
