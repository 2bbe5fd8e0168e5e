"""What the plain `transformers` script of a task looks like, one file per task: text only, nothing of it runs here."""
