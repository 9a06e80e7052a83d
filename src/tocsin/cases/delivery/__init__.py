"""Who has what of a case since when, who says so, and what is overdue.

- `view`: what it is made of; `bounds`: what records and cosignatures tell about time; `folding`: from these
  to the view; `hours`: when a desk is on duty; `dues`: what is owed, by when.

It is the other half of a case beside the picture: it depends on cosignatures and on a moment.
"""

from tocsin.cases.delivery.folding import delivery
from tocsin.cases.delivery.hours import Hours, Zones, read_hours
from tocsin.cases.delivery.view import Aware, Bound, Delivered, Delivery, Due, Reached

__all__ = [
    "Aware",
    "Bound",
    "Delivered",
    "Delivery",
    "Due",
    "Hours",
    "Reached",
    "Zones",
    "delivery",
    "read_hours",
]
