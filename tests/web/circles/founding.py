"""Organisations that found a circle by hand, and what they sign where their keys are."""

from tests.node.nodes import CHANCE, CLOCK, Place

from tocsin.circles.founding.entries import write_entry
from tocsin.cli.organisation.keyfile import in_circle
from tocsin.cli.organisation.signing import sign_draft
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.node.folder import Folder
from tocsin.node.papers.draft import Draft
from tocsin.node.papers.founding import Founding
from tocsin.node.papers.joining import draft_to_join
from tocsin.node.papers.organisation import public_in_circle

DOMAIN = "quay.example"


def introduced(slug: str) -> tuple[SigningKey, str]:
    """An organisation's key as its file has it, and its entry."""
    key = SigningKey.generate("live", SignatureType.ED25519, CHANCE)
    inside = public_in_circle(key.verifying, DOMAIN, slug)
    return key, write_entry(inside, slug=slug, label=f"Desk {slug}", economy="KR", where="a test")


def other_draft(place: Place, text: str) -> Draft:
    """What another organisation is to sign."""
    founding = Founding.of(text, place.config.data_folder)
    member = next(one for one in founding.charter.members if one.slug == place.slug)
    return draft_to_join(
        Folder.of(place.config), founding, member, place.config.wire.public, clock=CLOCK, chance=CHANCE
    )


def join_file(draft: Draft, key: SigningKey, slug: str) -> str:
    """What `tocsin org sign` makes of a draft to join."""
    return sign_draft(draft, in_circle(key, draft.charter.domain, slug)).decode()
