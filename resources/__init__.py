"""What the program shows and ships without being code: icons, examples, recipes, texts."""
