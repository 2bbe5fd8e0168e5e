"""What one update of the weights needs, and the update itself."""
