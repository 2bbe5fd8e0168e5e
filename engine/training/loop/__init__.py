"""The training loop, what it is assembled from and what it reports."""
