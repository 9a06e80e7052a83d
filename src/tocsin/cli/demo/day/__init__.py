"""Scenes of the day: a circle, a false picture, a question, what it was, a call, a page for the minister."""
