"""One file per wizard page, and what they have in common."""
