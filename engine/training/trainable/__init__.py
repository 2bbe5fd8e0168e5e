"""Which parameters are trained: all layers, last layers, the head only, LoRA."""
