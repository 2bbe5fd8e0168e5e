"""Tests of the windows, with a stand-in for the engine."""
