"""The card: what a member says about itself, and how it comes to be said.

- `saying`: what the configuration says that it should say; `officers`: the keys that officers made in their
  browsers, which stand on it, too; `publishing`: saying it anew where anything has changed.
"""

from tocsin.node.card.publishing import Cards
from tocsin.node.card.saying import card_at, configured_officers, newest_card, officers_elsewhere

__all__ = ["Cards", "card_at", "configured_officers", "newest_card", "officers_elsewhere"]
