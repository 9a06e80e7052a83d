"""Cases in the machine API (docs/api.md).

- `types`: what is said about them; `saying`: from that to records.
- The routes: `reading` (what is known), `exchange` (files of others' formats, other circles), `attaching`,
  `observing` (what we observed ourselves), and `calls`, which is all of them. What goes in and comes out:
  `types`, `found`, `exchangetypes`. `brought`: which files came in before.
"""
