"""Whom an ask asks, and who answers it, at the writing side (docs/protocol.md, section 19.7).

Others show an ask that nobody was asked as it is. Here it is not written: whoever wrote it would wait.
"""

from tocsin.cases.writing.checking import Known
from tocsin.core.errors import Refusal, quoted
from tocsin.core.records import Answer, Ask, OfCases
from tocsin.core.views import Terms


class NobodyAsked(Refusal):
    """The ask is to somebody who is no member, or to nobody but oneself."""

    code = "nobody-asked"


class NotAsked(Refusal):
    """Nobody answers what it asked itself."""

    code = "not-asked"


def check_asked(record: OfCases, member: str, known: Known, terms: Terms) -> None:
    """That somebody else is asked, and answers. Of other records, nothing is checked.

    Raises NobodyAsked, NotAsked.
    """
    if isinstance(record, Ask):
        others = sorted(slug for slug, party in terms.parties.items() if party.present and slug != member)
        strangers = [slug for slug in record.to or () if slug not in (member, *others)]
        if strangers or not others or record.to == (member,):
            found = ", ".join(map(quoted, strangers)) or "nobody but ourselves"
            raise NobodyAsked(
                f"Expected to ask other members, found {found}. "
                f"Next: ask some of {', '.join(others) or 'those who have yet to join'}."
            )
    elif isinstance(record, Answer):
        ask = known(record.ask)
        if ask is not None and ask.member == member:
            raise NotAsked(f"{ask.ref} is an ask of {member} itself, which others answer.")
