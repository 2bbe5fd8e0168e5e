"""Every check of the program; mirrors engine/ and gui/."""
