"""An officer's signature on a draft: made in the browser, over exactly the bytes that this node drafted.

What comes back is a signature line alone. The text is this node's own, so nothing else than what was shown
in words can become a record.
"""

from collections.abc import Iterable, Sequence

from tocsin.core.errors import BadSignature, Refusal, UnknownSigner, quoted
from tocsin.core.note import Note, Signature, verified_by
from tocsin.core.records import Card, parse_record
from tocsin.node.card.officers import OfficerKey
from tocsin.web.acting.drafts import Draft


class KeyNotOnCard(Refusal):
    """This key is not on our card. Next: ask an administrator to put it there, and compare letters."""

    code = "key-not-on-card"


class NotYourKey(Refusal):
    """This is the signature of no key of this account here. Next: make a key in this browser."""

    code = "not-your-key"


def signed(draft: Draft, line: str, log: str, keys: Iterable[OfficerKey], card: Card | None) -> bytes:
    """The record in signed form. `keys` are those of the draft's author, `card` the newest of our `log`.

    (1) the line has the one form: MalformedNote; (2) its key is one of this account's, for this log and role:
    NotYourKey; (3) and on the card: KeyNotOnCard; (4) it signs these bytes: BadSignature; (5) the whole is a
    record: what `parse_record` raises.
    """
    # (1) form
    signature = Signature.parse_line(line.removesuffix("\n") + "\n")
    note = Note(draft.text, (signature,))
    # (2) whose
    name = f"{log}/{draft.record.author}"
    own = [one.key for one in keys if one.key.name == name]
    if (signature.name, signature.key_id) not in {(key.name, key.key_id) for key in own}:
        raise NotYourKey
    # (3) on the card
    listed = _listed(card)
    known = [key for key in own if key in listed]
    if (signature.name, signature.key_id) not in {(key.name, key.key_id) for key in known}:
        raise KeyNotOnCard
    # (4) these bytes
    try:
        verified_by(note, known)
    except (BadSignature, UnknownSigner):
        raise BadSignature(
            f"The signature under the name {quoted(signature.name)} is not over what was drafted. "
            "Next: open the form again, and sign what is shown then."
        ) from None
    # (5) a record
    data = note.encode()
    parse_record(data)
    return data


def _listed(card: Card | None) -> Sequence[object]:
    return [officer.verifying_key for officer in card.officers] if card else []
