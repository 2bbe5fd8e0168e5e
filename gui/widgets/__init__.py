"""Widgets that more than one page could use; each is a form or a picture over one value."""
