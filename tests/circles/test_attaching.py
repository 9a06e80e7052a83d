"""Attachments between members: who gets them, in parts, and only what their hash says."""

import hashlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.circles.changes import P as FOUR
from tests.circles.lines import Desk, Lines
from tests.circles.party import AT_MS, party
from tests.circles.test_line_changes import ended, tell
from tests.simulation.clock import VirtualClock
from tests.simulation.memory_store import MemoryStore

from tocsin.circles.attaching.fetching import Wanted, fetch
from tocsin.circles.attaching.naming import named
from tocsin.circles.errors import (
    AttachmentTooLarge,
    IllegalContent,
    MalformedMessage,
    NoContent,
    NotFetched,
    UnknownName,
    UnknownPath,
)
from tocsin.circles.founding.charter import ATTACHMENT_BYTES, Limits, parse_charter
from tocsin.circles.founding.draft import DEFAULT_LIMITS
from tocsin.circles.wire.answers import Answer, Content, Later, Refused, decode_answer, encode_answer
from tocsin.circles.wire.messages import MAX_CONTENT_BYTES, ContentRequest
from tocsin.circles.wire.protocol import Path, Reply, Request
from tocsin.core.errors import Refusal
from tocsin.core.names import LogName
from tocsin.core.records import Attachment, Report, Source, encode_record

CONTENT = bytes(range(256)) * 10_000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
ONE = len(CONTENT)


class Memory:
    """Contents in memory."""

    def __init__(self, *contents: bytes) -> None:
        self.kept = {hashlib.sha256(content).hexdigest(): content for content in contents}

    def read(self, sha256: str, first: int, most_bytes: int) -> bytes | None:
        """A part."""
        return self.kept[sha256][first : first + most_bytes] if sha256 in self.kept else None


class Partial:
    """An attachment on its way."""

    def __init__(self, sha256: str, data: bytes = b"") -> None:
        self.sha256 = sha256
        self.data = data
        self.parts: list[int] = []
        self.whole = False

    @property
    def size_bytes(self) -> int:
        """How much is here."""
        return len(self.data)

    def add(self, data: bytes) -> None:
        """More of it."""
        self.data += data
        self.parts.append(len(data))

    async def complete(self) -> bool:
        """Whether it fits."""
        self.whole = hashlib.sha256(self.data).hexdigest() == self.sha256
        if not self.whole:
            self.drop()
        return self.whole

    def drop(self) -> None:
        """Nothing of it."""
        self.data = b""


def attachment(content: bytes = CONTENT, *, illegal: bool = False) -> Attachment:
    """What a record says of it."""
    return Attachment(
        media_type="image/png",
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        illegal=illegal,
    )


def report(log: LogName, *attachments: Attachment) -> bytes:
    """A report with attachments."""
    return encode_record(
        Report(
            circle=log.circle,
            at_ms=AT_MS,
            author="duty",
            author_kind="officer",
            tlp="TLP:GREEN",
            sources=(Source(kind="person", locator="a pilot", obtained="received"),),
            attachments=tuple(sorted(attachments, key=lambda one: one.sha256)) or None,
        )
    )


def wanted(lines: Lines, content: bytes = CONTENT) -> Wanted:
    """What ash's first record names."""
    return Wanted(attachment(content), lines.log("ash"), 1)


def asks(lines: Lines, sha256: str = SHA256, first: int = 0, index: int = 1, most: int = 1000) -> bytes:
    """A request for what a record of ash names."""
    return ContentRequest(lines.log("ash"), index, bytes.fromhex(sha256), first, most).encode()


def gets(lines: Lines, desk: Desk, content: bytes = CONTENT, here: Partial | None = None) -> Partial:
    """What a member gets of it from all others."""
    here = here or Partial(hashlib.sha256(content).hexdigest())
    members = [(sender.member, sender.caller) for sender in desk.line.senders.values()]
    lines.run(fetch(wanted(lines, content), members, here, VirtualClock(lines.loop)))
    return here


def ash_reports(lines: Lines, *attachments: Attachment, contents: Memory | None = None) -> Desk:
    """Ash's desk, which has written a report, and has these contents."""
    ash = Desk(lines, "ash", MemoryStore("ash"))
    lines.desks["ash"] = ash
    ash.contents = contents if contents is not None else Memory(CONTENT)
    ash.start()
    ash.write(report(ash.line.own.member.log, *(attachments or (attachment(),))))
    return ash


@given(
    index=st.integers(0, 2**53 - 1),
    sha256=st.binary(min_size=32, max_size=32),
    first=st.integers(0, 2**53 - 1),
    most=st.integers(1, MAX_CONTENT_BYTES),
)
def test_one_way_to_ask(index: int, sha256: bytes, first: int, most: int) -> None:
    """A request for a part of an attachment reads as it was written, and a shorter or longer one does not."""
    asked = ContentRequest("a.example/x", index, sha256, first, most)
    data = asked.encode()

    assert ContentRequest.decode(data) == asked
    for wrong in (data[:-1], data + b"\0", data[:-4] + (MAX_CONTENT_BYTES + 1).to_bytes(4, "big")):
        with pytest.raises(MalformedMessage):
            ContentRequest.decode(wrong)


@given(size=st.integers(1, 2**53 - 1), data=st.binary(min_size=1, max_size=200))
def test_one_way_to_answer(size: int, data: bytes) -> None:
    """A part of an attachment reads as it was written, and an empty one is no answer."""
    assert decode_answer(encode_answer(Content(size, data))) == Content(size, data)
    with pytest.raises(MalformedMessage):
        decode_answer(encode_answer(Content(size, b"")))


def test_a_member_gets_it_in_parts() -> None:
    """Who may read the record that names it gets all of it, in parts of at most 1 MiB."""
    with Lines() as lines:
        ash_reports(lines)
        here = gets(lines, lines.start("birch"))

        assert (here.whole, here.data) == (True, CONTENT)
        assert max(here.parts) == MAX_CONTENT_BYTES


def test_it_goes_on_where_it_was_broken_off() -> None:
    """What is here already is not asked for again."""
    with Lines() as lines:
        birch = lines.start("birch")
        ash = lines.puppet("ash", says=serving(CONTENT))
        here = Partial(SHA256, CONTENT[: ONE // 2])
        members = [(birch.line.circle.by_slug["ash"], birch.line.senders["ash"].caller)]
        lines.run(fetch(wanted(lines), members, here, VirtualClock(lines.loop)))
        firsts = [ContentRequest.decode(one.body).first for one in ash.asked if one.path == Path.CONTENT]

        assert here.whole
        assert firsts[0] == ONE // 2
        assert firsts == sorted(set(firsts))


def serving(content: bytes, size: int | None = None) -> Callable[[Request], Answer | Reply | None]:
    """A member that gives this, whatever the hash."""

    def says(request: Request) -> Answer:
        if request.path != Path.CONTENT:
            return Later(5_000)
        asked = ContentRequest.decode(request.body)
        part = content[asked.first : asked.first + asked.most_bytes]
        return Content(size or len(content), part) if part else Refused("no-content", 0, "None.")

    return says


def fetched_from(lines: Lines, here: Partial, *slugs: str) -> None:
    """Fetch from these members, in this order."""
    line = (lines.desks.get("birch") or lines.start("birch")).line
    members = [(line.circle.by_slug[slug], line.senders[slug].caller) for slug in slugs]
    lines.run(fetch(wanted(lines), members, here, VirtualClock(lines.loop)))


def test_one_who_gives_something_else_keeps_nobody_from_it() -> None:
    """Wrong bytes are found by the hash, forgotten, and the next member is asked for the whole."""
    wrong = CONTENT[:-1] + b"!"
    with Lines() as lines:
        lines.puppet("ash", says=serving(wrong))
        lines.puppet("cedar", says=serving(CONTENT))
        here = Partial(SHA256)
        fetched_from(lines, here, "ash", "cedar")

        assert (here.whole, here.data) == (True, CONTENT)


def test_a_wrong_beginning_does_not_spoil_what_others_give() -> None:
    """What was here of a wrong one, from whomever, is given up as soon as the whole does not fit."""
    with Lines() as lines:
        lines.puppet("ash", says=serving(CONTENT))
        here = Partial(SHA256, b"nonsense" * 1000)
        fetched_from(lines, here, "ash")

        assert here.whole


def test_nobody_has_the_right_one() -> None:
    """Where all that is given is wrong, nothing is left of it, and it says who gave what."""
    with Lines() as lines:
        lines.puppet("ash", says=serving(bytes(ONE)))
        lines.puppet("cedar", says=serving(CONTENT, size=7))
        here = Partial(SHA256)
        with pytest.raises(NotFetched, match=r"ash: .*hash.*cedar: Expected a part"):
            fetched_from(lines, here, "ash", "cedar")

        assert here.data == b""


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (lambda _: Refused(UnknownPath.code, 0, "There is no call."), "does not have it"),
        (lambda _: Refused("no-content", 0, "It is not here."), "It is not here"),
        (lambda _: Later(10), "found Later"),
        (lambda _: Reply(200, b"\x01\x01\x0c", b""), "Expected 8 bytes"),
        (lambda _: Content(ONE + 1, b"x"), "found Content"),
        (lambda _: Content(ONE, b"x"), "found Content"),
    ],
    ids=["older", "not-there", "later", "malformed", "size", "byte-by-byte"],
)
def test_who_does_not_give_it_is_passed_over(
    says: Callable[[Request], Answer | Reply | None], why: str
) -> None:
    """An older version, one that has it not, or says nonsense: the next is asked, or it is said why not."""
    with Lines() as lines:
        lines.puppet("ash", says=says)
        with pytest.raises(NotFetched, match=why):
            fetched_from(lines, Partial(SHA256), "ash")
        lines.puppet("cedar", says=serving(CONTENT))
        here = Partial(SHA256)
        fetched_from(lines, here, "ash", "cedar")

        assert here.whole


def answers(
    lines: Lines, content: bytes | None = CONTENT, sha256: str = SHA256, *, index: int = 1, first: int = 0
) -> str:
    """The code of ash's answer to a member, or what it gives."""
    answer = lines.puppet("birch").call("ash", Path.CONTENT, asks(lines, sha256, first, index))
    if isinstance(answer, Content):
        assert content is not None
        assert answer.data == content[first : first + 1000]
        return "content"
    assert isinstance(answer, Refused)
    return answer.code


def test_only_what_a_record_names_is_given() -> None:
    """A hash that the record does not name, another record, and none at all: refused, though it is here."""
    other = b"kept for another reason"
    with Lines() as lines:
        ash_reports(lines, contents=Memory(CONTENT, other))

        assert answers(lines) == "content"
        assert answers(lines, first=ONE - 3) == "content"
        assert answers(lines, sha256=hashlib.sha256(other).hexdigest()) == "no-content"
        assert [answers(lines, index=index) for index in (0, 2, 2**53 - 1)] == ["no-content"] * 3
        assert answers(lines, first=ONE) == "wrong-size"


def test_what_is_not_here_is_not_given() -> None:
    """A record may name what only another member has."""
    with Lines() as lines:
        ash_reports(lines, contents=Memory())

        assert answers(lines) == "no-content"


def test_nothing_illegal_is_given() -> None:
    """What a record marks as illegal never leaves a node, even if it should be there."""
    with Lines() as lines:
        ash_reports(lines, attachment(illegal=True))

        assert answers(lines) == "no-content"


def test_nothing_larger_than_the_charter_allows_is_given() -> None:
    """The charter's limit holds for what is given, whatever a record names."""
    limits = Limits(records_per_second=1000, bytes_per_day=10**9, attachment_bytes=ONE - 1)
    with Lines(limits=limits) as lines:
        ash_reports(lines)

        assert answers(lines) == "no-content"


def test_an_erased_record_names_nothing() -> None:
    """With the record, the right to its attachment is gone."""
    with Lines() as lines:
        ash = ash_reports(lines)
        with ash.store.transaction():
            ash.store.erase(lines.log("ash"), [1])

        assert answers(lines) == "no-content"


def test_a_log_of_no_circle() -> None:
    """A log that is none of this circle is refused as in every call."""
    with Lines() as lines:
        ash_reports(lines)
        asked = ContentRequest("elsewhere.example/x", 1, bytes(32), 0, 1).encode()
        answer = lines.puppet("birch").call("ash", Path.CONTENT, asked)

        assert isinstance(answer, Refused)
        assert answer.code == UnknownName.code


def test_ones_own_record_gives_no_right() -> None:
    """Whoever knows only a hash cannot get the content by naming it."""
    with Lines() as lines:
        ash = ash_reports(lines)
        birch = lines.puppet("birch")
        birch.history.write(report(birch.member.log, attachment()))
        birch.push("ash", birch.history.push())
        asked = ContentRequest(birch.log, 1, bytes.fromhex(SHA256), 0, 1000).encode()
        answer = birch.call("ash", Path.CONTENT, asked)
        log = LogName.parse(birch.log)

        assert isinstance(answer, Refused)
        assert answer.code == "no-content"
        assert (
            named(ash.line.circle, ash.store, "cedar", log=str(log), index=1, sha256=SHA256) == attachment()
        )


def test_who_joined_later_gets_nothing_from_before() -> None:
    """A member that joined by an amendment has no attachment of records below its cuts."""
    with Lines() as lines:
        ash = ash_reports(lines)
        circle, store = ash.line.circle, ash.store

        class Joined(type(circle)):  # type: ignore[misc]
            """The circle, in which cedar joined after the first two entries."""

            def entitled_from(self, slug: str, _log: LogName) -> int:
                return 2 if slug == "cedar" else 0

        later = Joined(circle.signed, circle.members)
        log = lines.log("ash")

        assert named(later, store, "birch", log=log, index=1, sha256=SHA256) == attachment()
        with pytest.raises(NoContent):
            named(later, store, "cedar", log=log, index=1, sha256=SHA256)


def test_a_void_record_gives_no_right() -> None:
    """What stands in a log beyond where it ended names nothing that anybody may have."""
    with Lines() as lines:
        ash, birch = lines.start("ash"), lines.puppet("birch")
        birch.history.write(birch.note(), report(birch.member.log, attachment()))
        birch.push("ash", birch.history.push())
        place = {"log": birch.log, "index": 2, "sha256": SHA256}
        assert named(ash.line.circle, ash.store, "cedar", **place) == attachment()  # type: ignore[arg-type]

        tell(lines.puppet("cedar"), "ash", ended(lines, birch, 2, "compromised"))
        lines.run_for(20)

        with pytest.raises(NoContent, match="found none"):
            named(ash.line.circle, ash.store, "cedar", **place)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attached", "refusal"),
    [
        (attachment(illegal=True), IllegalContent),
        (
            Attachment(media_type="a/b", sha256=SHA256, size_bytes=ATTACHMENT_BYTES + 1),
            AttachmentTooLarge,
        ),
    ],
    ids=["illegal", "large"],
)
def test_what_is_not_even_asked_for(attached: Attachment, refusal: type[Refusal]) -> None:
    """What is illegal or too large is not fetched: it is refused here, with the reason."""
    with Lines() as lines:
        ash = ash_reports(lines, attached)
        with pytest.raises(refusal):
            named(ash.line.circle, ash.store, "ash", log=lines.log("ash"), index=1, sha256=SHA256)


def test_a_charter_may_say_how_large() -> None:
    """The limit may be missing, and then it is 16 MiB; a text without it is the same as it ever was."""
    limited = Limits(records_per_second=1, bytes_per_day=1, attachment_bytes=7)

    assert DEFAULT_LIMITS.most_attachment_bytes == ATTACHMENT_BYTES == 16 * 2**20
    assert "attachment_bytes" not in FOUR.text
    assert parse_charter(party(seed=3, limits=limited).text).limits == limited
