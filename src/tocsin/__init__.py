"""tocsin: lines between organisations that answer AI incidents.

Everything an organisation says to others is an entry in its own append-only log; exchange is following
each other's logs. The packages, from the bottom up; each imports only what stands above it in this list:

- `tocsin.core`: who said what. Keys, notes, the tree's mathematics, record types, errors. No I/O.
- `tocsin.log`: append-only logs and their store.
- `tocsin.circles`: charters, following, holding, catching up, forks, the wire.
- `tocsin.checks`: communication checks. `tocsin.cases`: what records say about incidents, brought together.
  `tocsin.readings`: what a case was, by all that members make of it.
- `tocsin.node`: one running organisation.
- `tocsin.web`: the console, a node's pages for people.
- `tocsin.cli`: the command line.
"""

__version__ = "0.5.0"
