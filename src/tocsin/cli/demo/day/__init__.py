"""Scenes of the day: a circle, a false picture, a question, a call, a page for the minister."""
