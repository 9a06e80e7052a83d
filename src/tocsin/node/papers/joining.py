"""Our own part in joining a circle: what our organisation is to sign, for keys that are made here.

(1) what was drafted before is given again, since two openings of one log would be two versions of it; (2) new
keys, durably in the data folder, before anything is signed for them; (3) the draft, kept before it is handed
out to be signed.
"""

from tocsin.circles.founding.charter import CharterMember
from tocsin.circles.founding.opening import opening_of
from tocsin.core.clock import Chance, Clock
from tocsin.core.names import LogName
from tocsin.core.records import Endpoint
from tocsin.node.folder import Folder
from tocsin.node.papers.draft import Draft
from tocsin.node.papers.founding import Founding

_FIRST_EPOCH = 1


def draft_to_join(
    folder: Folder, founding: Founding, member: CharterMember, url: str, *, clock: Clock, chance: Chance
) -> Draft:
    """What the organisation of that member is to sign; `url` is where the others reach this node.

    Raises what `Folder.begin_keys` and `Draft` raise.
    """
    charters = (*founding.before, founding.text)
    # (1) before
    if kept := founding.draft(member.slug):
        return Draft(charters, Draft.parse(kept).record)
    # (2) keys
    folder.create()
    log = LogName(founding.charter.domain, founding.id, member.slug, _FIRST_EPOCH)
    keys = folder.begin_keys(log, chance)
    opening = opening_of(
        keys.member,
        Endpoint(url=url, tls_spki_sha256=keys.tls.pin),
        at_ms=clock.wall_ms(),
        tlp=founding.charter.handling,
    )
    # (3) kept
    draft = Draft(charters, opening)
    if not founding.before:
        founding.keep()
    founding.keep_draft(member.slug, draft.encode())
    return draft
