"""How members are named on a page: by the label that each chose, and always by its slug, which nobody did."""

from collections.abc import Mapping

from tocsin.cases.telling import Language
from tocsin.cases.telling.teller import Teller, cut
from tocsin.core.views import Terms

MAX_VALUE_CHARACTERS = 240


class Namer(Teller):
    """Tells as a `Teller` does. Two labels may look the same; no two members do here.

    `labels` has the labels by slug, for where a page sets both apart.
    """

    def __init__(self, language: Language, terms: Terms) -> None:
        super().__init__(language, terms)
        self.labels: Mapping[str, str] = {slug: cut(party.label) for slug, party in terms.parties.items()}

    def member(self, slug: str) -> str:
        """A member under its own label, with its slug."""
        label = self.labels.get(slug, slug)
        return slug if label == slug else self.language.say("aside", text=label, aside=slug)
