"""Comparing by words: what a text says, in which terms, and who has the rarest of them."""
