"""Whether an exported folder is what its passport claims, without the workspace it was made in."""
