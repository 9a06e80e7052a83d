"""What a charter says, where a test does not say otherwise."""

from collections.abc import Iterable

from tocsin.core.views import Party, Terms


def charter(
    circle: str,
    parties: Iterable[Party],
    *,
    handling: str = "TLP:AMBER",
    independent_sources: int = 2,
    organisations: int = 2,
    economies: int = 2,
    acknowledge_within_minutes: int = 15,
    answer_within_minutes: int = 60,
) -> Terms:
    """The terms of a circle with these members."""
    return Terms(
        circle=circle,
        parties={party.slug: party for party in parties},
        handling=handling,
        independent_sources=independent_sources,
        organisations=organisations,
        economies=economies,
        acknowledge_within_minutes=acknowledge_within_minutes,
        answer_within_minutes=answer_within_minutes,
    )
