"""What a network can learn to answer, one file per task behind one protocol."""
