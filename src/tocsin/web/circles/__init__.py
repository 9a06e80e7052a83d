"""Circles: charters in plain words, members, words to compare, and all that changes a circle.

- `seen`: circles and members as pages show them; `clauses`: a charter, and what a version changes, in words.
- `circles`: the pages to look at, which `living` keeps true; `checks`: communication checks.
- `founding`, `amending`, `excluding`, `leaving`: what an approver does; `forms`: what their forms hold;
  `asking`: what is asked before what cannot be undone, and what is noted; papers to be signed elsewhere.

The organisation key never comes near a node. So papers go out, and what was signed comes back.
"""

from tocsin.node.node import Node
from tocsin.web.acting.drafting import Drafting
from tocsin.web.circles.amending import AmendingPages
from tocsin.web.circles.checks import CheckPages
from tocsin.web.circles.circles import Circles
from tocsin.web.circles.excluding import ExcludingPages
from tocsin.web.circles.founding import FoundingPages
from tocsin.web.circles.leaving import LeavingPages
from tocsin.web.people.audit import Audit


def circle_parts(node: Node, audit: Audit, drafting: Drafting) -> tuple[object, ...]:
    """All parts about circles. `/circles/new` comes before `/circles/{circle}`, which it would be one of."""
    circles = Circles(node)
    return (
        FoundingPages(node, audit),
        circles,
        AmendingPages(node, audit),
        ExcludingPages(node, audit, drafting),
        LeavingPages(node, circles, audit),
        CheckPages(node),
    )
