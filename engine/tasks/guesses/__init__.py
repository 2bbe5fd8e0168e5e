"""Which columns of a file a task would read and answer, one file per task; and which task a file suggests."""
