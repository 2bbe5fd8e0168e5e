"""Stage 1: finds or downloads an encoder, loads it once, checks its numbers and describes it."""
