"""Stage 4: how good a run is on rows it has not seen, and what it answers to a sentence."""
