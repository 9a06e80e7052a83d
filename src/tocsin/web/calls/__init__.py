"""The phone call: what two people read to each other so that each knows whose node is behind the voice.

- `digits`: digits with their words; `listing`: whom one can call; `holding`: a call step by step.
- `pages`: the call; `sheets`: sheets.

The digits are `tocsin.node.phoning`'s, and work with the line down. They stand on pages that nobody keeps,
and nowhere else: not in addresses, not in logs, not in the audit.
"""

from tocsin.node.node import Node
from tocsin.web.calls.pages import CallPages
from tocsin.web.calls.sheets import SheetPages
from tocsin.web.people.audit import Audit


def call_parts(node: Node, audit: Audit) -> tuple[object, ...]:
    """All parts about calls."""
    return CallPages(node, audit), SheetPages(node, audit)
