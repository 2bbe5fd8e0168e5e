"""The usable rows of all files before they are split, and which of them are alike."""
