"""Preparing: rows become a data set on disk, cleaned, split and encoded for one model."""
