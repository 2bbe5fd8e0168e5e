"""What is trained where the rows are few: candidates compared by cross-validation."""
