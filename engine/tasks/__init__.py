"""What an encoder can be fine-tuned for: one folder per task, the bases of its parts, and what tasks share."""
