"""Who may have an attachment: whoever may have a record that names it (docs/protocol.md, section 20).

Giver and taker ask the same of the record that the request names, and nothing else has to be known.
"""

from tocsin.circles.errors import AttachmentTooLarge, IllegalContent, NoContent
from tocsin.circles.founding.circle import Circle, void_from
from tocsin.circles.reading import Readable, reader_at
from tocsin.core.names import LogName
from tocsin.core.records import Attachment, Correction, Report
from tocsin.log.store import Store


def named(circle: Circle, store: Store, to: str, *, log: str, index: int, sha256: str) -> Attachment:
    """What the record at `index` of `log` says of the attachment, for the member `to`.

    (1) a log of this circle: UnknownName and the like; (2) a record that may be read there, is not void, and
    not from before that member joined: NoContent; (3) it names the attachment: NoContent; (4) not as illegal:
    IllegalContent; (5) as one that the charter allows: AttachmentTooLarge; (6) it is not that member's own
    record, since anyone can name what they know by its hash alone: NoContent.
    """
    # (1) log
    member = circle.member_of_log(log)
    # (2) record
    head, void = store.head(log), void_from(member)
    readable = head is not None and index < head.size and (void is None or index < void)
    if not readable or index < circle.entitled_from(to, LogName.parse(log)):
        raise NoContent(f"Expected a record that {to} may have, found none as no. {index} of {log}.")
    _, _, body = store.record(log, index)
    reading = reader_at(member, store, index).read(index, body) if body is not None else None
    record = reading.record if isinstance(reading, Readable) else None
    # (3) named
    attachments = (record.attachments or ()) if isinstance(record, Report | Correction) else ()
    found = next((attachment for attachment in attachments if attachment.sha256 == sha256), None)
    if found is None:
        raise NoContent(f"Expected a record that names {sha256}, found another as no. {index} of {log}.")
    # (4) not illegal
    if found.illegal:
        raise IllegalContent(f"Expected what may be passed on, found {sha256} marked as illegal to have.")
    # (5) size
    if found.size_bytes > (most := circle.charter.limits.most_attachment_bytes):
        raise AttachmentTooLarge(
            f"Expected an attachment of at most {most:,} bytes, as the charter says; "
            f"found {found.size_bytes:,}."
        )
    # (6) another's
    if member.slug == to:
        raise NoContent(f"Expected a record of another member, found one of {to} itself.")
    return found
