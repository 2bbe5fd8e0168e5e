"""Before a run: forecast, learning-rate finder, hyperparameter search."""
