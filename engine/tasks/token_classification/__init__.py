"""One tag for each word: named entities, or parts of speech and the like."""
