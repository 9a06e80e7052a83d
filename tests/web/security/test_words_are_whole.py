"""An officer confirms words that leave nothing out of what is signed."""

from tests.cases.charters import charter
from tests.node.casebook import Casebook

from tocsin.core.records import (
    Attachment,
    Certificate,
    Fingerprint,
    Moment,
    Operator,
    Source,
    System,
    Translation,
)
from tocsin.web.acting.telling import told
from tocsin.web.languages import LANGUAGES

_MARKS = tuple(f"mark-{number:02}" for number in range(16))


def _long(mark: str) -> str:
    """A name as long as a record allows, of which the end matters."""
    return f"{'x' * (256 - len(mark))}{mark}"


def test_however_long_a_name_is_its_end_is_read_before_it_is_signed() -> None:
    """Of systems, operators, certificates, moments, attachments, places and translators."""
    mark = iter(_MARKS)

    def certificates() -> tuple[Certificate, ...]:
        return (Certificate(issuer=_long(next(mark)), number=_long(next(mark))),)

    record = Casebook("a" * 64).report(
        next(mark),
        translations=(Translation(by=_long(next(mark)), by_kind="officer", lang="ko", text=next(mark)),),
        sources=(
            Source(
                kind="website",
                locator=f"https://feed.example/{'x' * 2_000}{next(mark)}",
                obtained="published",
            ),
        ),
        systems=(System(name=_long(next(mark)), version=_long(next(mark)), certificates=certificates()),),
        operators=(Operator(name=_long(next(mark)), role="developer", certificates=certificates()),),
        moments=(
            Moment(
                asserted_by="other", at_ms=1, clock="occurred", precision="second", name=_long(next(mark))
            ),
        ),
        fingerprints=(Fingerprint(kind="url", value=f"https://feed.example/{'x' * 1_900}{next(mark)}"),),
        attachments=(
            Attachment(media_type="text/plain", sha256="ab" * 32, size_bytes=1, name=_long(next(mark))),
        ),
    )
    used = _MARKS[: _MARKS.index(next(mark))]

    words = told(record, charter("a" * 64, ()), LANGUAGES["en"])
    read = "\n".join((*words.lines, *(text for one in words.texts for text in (one.text, one.by or ""))))

    assert [one for one in used if one not in read] == []
