"""Erasing what was said, and keeping what has to be kept (docs/protocol.md, section 18).

- `view`: what was ordered, held and answered, as a pure function of the records about it.
- `register`: where those records stand, found again without reading whole logs.
- `targets`: what may be erased, asked before an order is written and before one is carried out.
- `purging`: carrying orders out, and answering them.
- `replaying`: after a start, no record leaves before the orders about it were heard.
- `departing`: whoever has left may purge what the others said.
"""
