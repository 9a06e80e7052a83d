"""What the forms of circles hold, and what a charter's clauses are made of."""

from typing import Annotated

import msgspec

from tocsin.circles.founding.charter import (
    AuthenticText,
    Authority,
    Charter,
    Clocks,
    Limits,
    Verification,
)
from tocsin.core.records import Tlp
from tocsin.core.records.common import Slug
from tocsin.web.serving.errors import MalformedForm

_Text = Annotated[str, msgspec.Meta(max_length=4 * 2**20)]
_Count = Annotated[int, msgspec.Meta(ge=1, lt=2**53)]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Every clause of a charter that a person fills in. `texts` are lines of a language and a SHA-256."""

    title: str
    purpose: str
    handling: Tlp
    acknowledge_within_minutes: _Count
    answer_within_minutes: _Count
    independent_sources: _Count
    organisations: _Count
    economies: _Count
    authority: str
    records_per_second: _Count
    bytes_per_day: _Count
    quorum: _Count | None = None
    attachment_bytes: _Count | None = None
    texts: str = ""
    entries: _Text = ""

    @classmethod
    def of(cls, charter: Charter) -> "Rules":
        """What a charter says now."""
        return cls(
            title=charter.title,
            purpose=charter.purpose,
            handling=charter.handling,
            quorum=charter.quorum,
            acknowledge_within_minutes=charter.clocks.acknowledge_within_minutes,
            answer_within_minutes=charter.clocks.answer_within_minutes,
            independent_sources=charter.verification.independent_sources,
            organisations=charter.verification.organisations,
            economies=charter.verification.economies,
            authority=charter.authority.statement,
            records_per_second=charter.limits.records_per_second,
            bytes_per_day=charter.limits.bytes_per_day,
            attachment_bytes=charter.limits.attachment_bytes,
            texts="".join(f"{one.lang} {one.sha256}\n" for one in charter.texts),
        )

    @property
    def clocks(self) -> Clocks:
        """How soon members react."""
        return Clocks(
            acknowledge_within_minutes=self.acknowledge_within_minutes,
            answer_within_minutes=self.answer_within_minutes,
        )

    @property
    def verification(self) -> Verification:
        """What corroborates."""
        return Verification(
            independent_sources=self.independent_sources,
            organisations=self.organisations,
            economies=self.economies,
        )

    @property
    def limits(self) -> Limits:
        """How much one log may grow."""
        return Limits(
            records_per_second=self.records_per_second,
            bytes_per_day=self.bytes_per_day,
            attachment_bytes=self.attachment_bytes,
        )

    @property
    def statement(self) -> Authority:
        """What the circle may do."""
        return Authority(statement=self.authority)

    def authentic(self) -> tuple[AuthenticText, ...]:
        """The charter in other languages. Raises MalformedForm."""
        found = []
        for line in filter(None, map(str.strip, self.texts.splitlines())):
            lang, _, sha256 = line.partition(" ")
            try:
                found.append(msgspec.convert({"lang": lang, "sha256": sha256.strip()}, AuthenticText))
            except msgspec.ValidationError as error:
                raise MalformedForm(
                    f"Expected a language and a SHA-256 in each line of the authentic texts, found "
                    f"{line[:80]!r}: {error}."
                ) from None
        return tuple(found)


class Founded(Rules, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A first charter. `continues` is the circle whose place it takes."""

    continues: str | None = None


class Amended(Rules, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The next version: who only follows from then on, who vouches for those who join."""

    observers: tuple[Slug, ...] = ()
    sponsors: tuple[Slug, ...] = ()


class Introduced(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How our organisation is to stand in a charter, and the public half of its key, as its file has it."""

    domain: str
    member: str
    label: str
    economy: str
    public: _Text


class Signing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A charter to sign. `public`: the public half of our key; `bundle`: the circle that it is of already."""

    text: _Text
    public: _Text = ""
    bundle: _Text = ""
    read: bool = False


class JoinFiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Join files, each as it is."""

    file: tuple[_Text, ...] = ()


class Joining(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With whom names and words were compared aloud."""

    compared: tuple[Slug, ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text to be kept as a file of that name."""

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,80}\.(?:toml|draft)\Z")]
    text: _Text


class AmendmentText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The text of an amendment, perhaps signed."""

    text: _Text


class Applied(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signed amendments and join files."""

    file: tuple[_Text, ...] = ()


class Suspended(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With whom not to speak, and why."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=2_048)]


class Noticed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a member may be removed, in which language that is said, and how long it has to reply."""

    reason: Annotated[str, msgspec.Meta(min_length=1)]
    lang: str
    hours: Annotated[int, msgspec.Meta(ge=1, le=8_760)]


class Removed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entry of our log was the notice, and why the member is to go."""

    reason: Annotated[str, msgspec.Meta(min_length=1)]
    notice: Annotated[int, msgspec.Meta(ge=1, lt=2**53)]


class Replied(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An answer to a notice."""

    text: Annotated[str, msgspec.Meta(min_length=1)]
    lang: str


class Leaving(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why we leave, if that is said, and in which language."""

    reason: Annotated[str, msgspec.Meta(max_length=2_048)] | None = None
    lang: str = "en"


class Left(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What our organisation signed, and the circle's title as it was typed."""

    signed: _Text
    title: str


class Purged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who ordered that what the others said be purged, why, and the circle's title as it was typed."""

    ordered_by: Annotated[str, msgspec.Meta(min_length=1, max_length=512)]
    title: str
    reason: Annotated[str, msgspec.Meta(max_length=2_048)] | None = None
