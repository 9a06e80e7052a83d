"""The console: a node's pages for people.

- Rendered here, live by server-sent events, and nothing in them is asked of anywhere else.
- What a page shows is a frozen value, made by pure functions of a part; templates only lay it out.
- Whatever members wrote is escaped, made legible, and isolated in its own direction of writing.
- `serving` is what all pages share, and `desk` what several parts know; each other folder is one part.
"""
