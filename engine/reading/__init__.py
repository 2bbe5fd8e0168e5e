"""Reading: files as people have them become chunks of rows, each row numbered and accounted for."""
