"""Stage 5: a folder that works everywhere `transformers` does, proven in a clean process."""
