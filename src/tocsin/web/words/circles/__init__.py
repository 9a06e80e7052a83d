"""Words of circles and what changes them, by language."""
