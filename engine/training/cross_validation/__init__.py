"""Networks trained on part of the rows, and what they predict for the others."""
