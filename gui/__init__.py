"""All the windows; never imports torch, transformers or datasets."""
