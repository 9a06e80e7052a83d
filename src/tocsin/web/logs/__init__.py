"""Logs: browsed, verified here and now, handed out; what was refused; evidence; and files of others verified.

- `logs`: the pages of a log and its entries; `browsing`: which entries a page shows; `naming`: addresses.
- `verifying`: a log verified step by step; `runs`: who verifies, and how far it is.
- `evidence`: evidence in words; `keeping`: the pages of evidence, refusals, erasures and holds.
- `refused`: what was refused since the start; `checking`: `/verify`.
"""

from tocsin.node.node import Node
from tocsin.web.logs.checking import Checking
from tocsin.web.logs.keeping import Keeping
from tocsin.web.logs.logs import Logs
from tocsin.web.logs.refused import Refusals
from tocsin.web.logs.runs import Runs


def log_parts(node: Node, refusals: Refusals, runs: Runs) -> tuple[object, ...]:
    """All parts about logs. `refusals` listens, `runs` has tasks: whoever makes them ends them."""
    return (Keeping(node, refusals), Logs(node, runs), Checking(node))
