"""Which of a few encoders learns the user's rows best, found by short runs."""
