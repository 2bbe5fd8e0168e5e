"""What scores leave open: which labels are wrong, whether more would help, where a run is weak, why it answers so."""
