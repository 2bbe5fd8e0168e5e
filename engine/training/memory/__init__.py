"""How much memory a run uses, and what it does when memory is full."""
