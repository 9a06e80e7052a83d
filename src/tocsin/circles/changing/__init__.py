"""Changing: what happens to a circle after its founding (docs/protocol.md, sections 8.4 and 16).

- `events`: what changes a circle, from bytes; `leaving`: a member's own end.
- `amendment`: whether a text can be the charter's next version; `standing`: how each member stands in the
  versions; `draft`: a text for people to talk about, and what it changes; `proposing`: signatures on its way.
- `known`: what a set of events says; `fold`: from a founded circle and such a set to the circle as it is now.
- `bundle`: a circle with its events in one file.
"""
