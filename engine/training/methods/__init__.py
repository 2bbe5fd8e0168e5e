"""Training methods beside plain fine-tuning: each ends as the plain network of its task."""
