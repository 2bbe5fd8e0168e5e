"""Rows of prepared data sets and their edits, as more than one page shows them."""
