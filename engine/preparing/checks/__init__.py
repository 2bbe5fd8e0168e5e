"""Checks: what would spoil a result, looked for in the rows before an hour is spent on them; one idea a file."""
