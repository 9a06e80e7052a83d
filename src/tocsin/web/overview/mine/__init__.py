"""What is one person's alone: what waits for them, what they had seen when they left, and what came since.

- `mine`: the page; `waiting`: what waits; `visits`: what was seen; `changes`: what was said since.
"""
