"""The situation room: every case that is not settled, the lines to all members, and what waits for whom.

- `board`: all that stands in it, in memory, as it changes; `rows`: what stands there, and in which order.
- `lines`: the lines of the circles; `mine`: what is one person's alone.
- `news`: what changes, sent to open pages; `room`: the pages.
"""
