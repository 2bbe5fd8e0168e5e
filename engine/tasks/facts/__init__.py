"""What a task is in words and plain facts, one file per task: light enough for the window, which reads them too."""
