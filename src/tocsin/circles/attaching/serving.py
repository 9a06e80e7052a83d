"""Giving a part of an attachment to a member that asks for it (docs/protocol.md, section 20)."""

from tocsin.circles.attaching.contents import Contents
from tocsin.circles.attaching.naming import named
from tocsin.circles.errors import AttachmentTooLarge, IllegalContent, NoContent, WrongSize
from tocsin.circles.founding.circle import Circle
from tocsin.circles.wire.answers import Content
from tocsin.circles.wire.messages import ContentRequest
from tocsin.log.store import Store


def give(asked: ContentRequest, to: str, circle: Circle, store: Store, contents: Contents) -> Content:
    """The part that is asked for.

    (1) the record that is named says so: NoContent, and what `named` raises for a log that is none; (2) not
    beyond the attachment: WrongSize; (3) it is here: NoContent.
    """
    # (1) named
    sha256 = asked.sha256.hex()
    try:
        attachment = named(circle, store, to, log=asked.log, index=asked.index, sha256=sha256)
    except (IllegalContent, AttachmentTooLarge) as refusal:
        raise NoContent(str(refusal)) from None
    # (2) within
    if asked.first >= attachment.size_bytes:
        raise WrongSize(f"Expected a byte below {attachment.size_bytes}, found {asked.first}.")
    # (3) here
    data = contents.read(sha256, asked.first, asked.most_bytes)
    if not data:
        raise NoContent(f"Expected {sha256} to be here, found that it is not.")
    return Content(attachment.size_bytes, data)
