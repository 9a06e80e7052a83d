"""What the charter says that a capability has to know, as it is now."""

from tocsin.circles.founding.circle import Circle
from tocsin.core.views import Party, Terms


def terms_of(circle: Circle) -> Terms:
    """The terms of a circle. Who left or was removed is still a party, under its last label."""
    charter = circle.charter
    listed = {member.slug: member for version in circle.chain for member in version.charter.members}
    parties = {
        slug: Party(slug, member.label, member.economy, slug in circle.by_slug, member.observer)
        for slug, member in listed.items()
    }
    return Terms(
        circle=circle.id,
        parties=parties,
        handling=charter.handling,
        independent_sources=charter.verification.independent_sources,
        organisations=charter.verification.organisations,
        economies=charter.verification.economies,
        acknowledge_within_minutes=charter.clocks.acknowledge_within_minutes,
        answer_within_minutes=charter.clocks.answer_within_minutes,
        drill=circle.drill,
    )
