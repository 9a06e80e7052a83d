"""What several parts of the console know of the desks: it has no pages of its own.

- `cards`: what the newest card of each member says of its desk; `handovers`: shifts that nobody took over.
- `declined`: proposed answers that somebody here does not want.
"""
