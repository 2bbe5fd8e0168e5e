"""Stage 3: from prepared rows to a fine-tuned network on disk."""
