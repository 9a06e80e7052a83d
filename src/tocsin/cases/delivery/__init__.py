"""Who has what of a case since when, who says so, and what is overdue.

- `view`: what it is made of; `logs`: a log's records, and what is known of them; `bounds`: what that tells
  about time; `awareness`: who knows; `folding`: from these to the view; `hours`: when a desk is on duty;
  `dues`: what is owed, by when.

It is the other half of a case beside the picture: it depends on cosignatures and on a moment.
"""

from tocsin.cases.delivery.folding import Tracking, delivery
from tocsin.cases.delivery.hours import Hours, Zones, read_hours
from tocsin.cases.delivery.view import Bound, Delivered, Delivery, Due, Reached
from tocsin.cases.picture.view import Aware

__all__ = [
    "Aware",
    "Bound",
    "Delivered",
    "Delivery",
    "Due",
    "Hours",
    "Reached",
    "Tracking",
    "Zones",
    "delivery",
    "read_hours",
]
