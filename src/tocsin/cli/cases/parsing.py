"""What records of cases are made of, as a person types it.

    --source "website https://news.example/1 published 2026-11-22T09:30Z"
    --moment "occurred 2026-11-22T09"  --moment "detected 2026-11-22T10:03Z operator Acme"
    --system "Harbour Pilot; version 4.1; certificate 44-100 by TÜV Nord"
    --operator "deployer Harbour Authority"  --fingerprint "sha256 9f86…"
    attack=70  birch.1.12=17.5  --who "Harbour Thieves=30"
    --translation "ko officer duty-officer: 항구에서 연기가 보인다."

A time says by its form how exactly it is known: 2026, 2026-11, 2026-11-22, 2026-11-22T09, …T09:30 or
…T09:30:00; without an offset it is UTC.
"""

import re
from collections.abc import Iterable
from typing import Any, get_args

import click
import msgspec

from tocsin.core.errors import Refusal
from tocsin.core.records import Actor, Certificate, Fingerprint, Moment, Operator, System, Translation
from tocsin.core.records.cases.parts import RECORD_NAME
from tocsin.core.records.cases.reading import WHOLE_PERMILLE
from tocsin.core.records.cases.times import is_time, read_time
from tocsin.core.records.cases.vocabulary import (
    Asserter,
    Clock,
    FingerprintKind,
    Obtained,
    OperatorRole,
    SourceKind,
    Undetermined,
    What,
)
from tocsin.core.records.common import AuthorKind
from tocsin.node.api.cases.types import Cited, Likely
from tocsin.node.clock import SystemClock

_SPAN = re.compile(r"(?P<count>[1-9]\d{0,5})(?P<unit>[mhd])")
_UNITS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CERTIFICATE = re.compile(r"certificate (?P<number>.+) by (?P<issuer>.+)")
_SHA256 = "sha256:"
_PERCENT = re.compile(r"(?P<whole>\d{1,3})(?:\.(?P<tenths>\d))?%?")
_WHAT = (*get_args(What), *get_args(Undetermined))
_ROLE = r"[a-z0-9-]{1,32}"


class Typed(click.ParamType[Any]):
    """Something that is typed in words. What it cannot be is a mistake in typing, with how it is written."""

    form = ""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - click's
        """See click."""
        if not isinstance(value, str):
            return value
        try:
            return self.read(value.strip())
        except (ValueError, Refusal, msgspec.ValidationError) as error:
            self.fail(f"{str(error).rstrip('.')}. Write it as {self.form}.", param, ctx)

    def read(self, text: str) -> object:
        """What the text says. Raises ValueError, or the record's own refusal."""
        raise NotImplementedError


class RecordName(Typed):
    """A record or a case by its name."""

    name = "record"
    form = "MEMBER.EPOCH.NUMBER, such as birch.1.12"

    def read(self, text: str) -> str:
        """See Typed."""
        if not re.fullmatch(RECORD_NAME, text):
            raise ValueError(f"Expected the name of a record, found {text!r}.")
        return text


class Role(Typed):
    """Whose word it is: an officer by role."""

    name = "role"
    form = "1 to 32 characters a-z, 0-9 and -, such as duty-officer"

    def read(self, text: str) -> str:
        """See Typed."""
        if not re.fullmatch(_ROLE, text):
            raise ValueError(f"Expected the role of an officer, found {text!r}.")
        return text


class SourceType(Typed):
    """A source: what it is, where it is, how it was obtained, and when."""

    name = "source"
    form = (
        '"KIND WHERE OBTAINED [TIME] [sha256:HASH]", such as "website https://news.example/1 published", '
        'or "record birch.1.12" for what a record says'
    )

    def read(self, text: str) -> Cited:
        """See Typed."""
        kind, *words = text.split() or [""]
        _check(kind, SourceKind, "kind of source")
        if kind == "record":
            if len(words) != 1:
                raise ValueError(f"Expected the name of one record, found {' '.join(words)!r}.")
            return Cited(kind="record", record=RecordName().read(words[0]))
        sha256 = words.pop().removeprefix(_SHA256) if words and words[-1].startswith(_SHA256) else None
        obtained_at_ms = None
        if words and is_time(words[-1]):
            obtained_at_ms, _ = read_time(words.pop())
        obtained = words.pop() if words else ""
        _check(obtained, Obtained, "way in which it was obtained, after where it is")
        if not words:
            raise ValueError("Expected where it is, between its kind and how it was obtained; found nothing.")
        source = {"kind": kind, "locator": " ".join(words), "obtained": obtained, "sha256": sha256}
        return msgspec.convert(source | {"obtained_at_ms": obtained_at_ms}, Cited)


class MomentType(Typed):
    """A moment from which a law may count."""

    name = "moment"
    form = (
        '"CLOCK TIME [WHO SAYS SO [NAME]]", such as "occurred 2026-11-22T09:30Z" '
        'or "detected 2026-11-22 operator Acme"'
    )

    def read(self, text: str) -> Moment:
        """See Typed."""
        clock, _, rest = text.partition(" ")
        _check(clock, Clock, "clock")
        time, *by = rest.split() or [""]
        at_ms, precision = read_time(time)
        asserted_by = by[0] if by else "author"
        _check(asserted_by, Asserter, "one who says so")
        moment = {"clock": clock, "at_ms": at_ms, "precision": precision, "asserted_by": asserted_by}
        return msgspec.convert(moment | {"name": " ".join(by[1:]) or None}, Moment)


class SystemType(Typed):
    """An AI system, with its certificates."""

    name = "system"
    form = '"NAME[; version VERSION][; certificate NUMBER by ISSUER]"'

    def read(self, text: str) -> System:
        """See Typed."""
        name, *others = (part.strip() for part in text.split(";"))
        versions = [one.removeprefix("version ") for one in others if one.startswith("version ")]
        certificates = _certificates(one for one in others if not one.startswith("version "))
        if len(versions) > 1 or not name:
            raise ValueError("Expected one name and at most one version.")
        return System(name=name, version=versions[0] if versions else None, certificates=certificates)


class OperatorType(Typed):
    """Who makes, offers or uses a system."""

    name = "operator"
    form = '"ROLE NAME[; certificate NUMBER by ISSUER]", such as "deployer Harbour Authority"'

    def read(self, text: str) -> Operator:
        """See Typed."""
        first, *others = (part.strip() for part in text.split(";"))
        role, _, name = first.partition(" ")
        _check(role, OperatorRole, "role")
        if not name:
            raise ValueError("Expected a name after the role, found none.")
        return Operator(
            role=msgspec.convert(role, OperatorRole), name=name.strip(), certificates=_certificates(others)
        )


class FingerprintType(Typed):
    """Something by which content is recognised."""

    name = "fingerprint"
    form = '"KIND VALUE", such as "domain news.example"'

    def read(self, text: str) -> Fingerprint:
        """See Typed."""
        kind, _, value = text.partition(" ")
        _check(kind, FingerprintKind, "kind of fingerprint")
        return msgspec.convert({"kind": kind, "value": value.strip()}, Fingerprint)


class TranslationType(Typed):
    """The text in another language, and who translated it."""

    name = "translation"
    form = '"LANGUAGE KIND WHO: TEXT", where KIND is officer, machine or agent'

    def read(self, text: str) -> Translation:
        """See Typed."""
        head, colon, translated = text.partition(":")
        lang, by_kind, by, *_ = [*head.split(maxsplit=2), "", "", ""]
        _check(by_kind, AuthorKind, "kind of translator, after the language")
        if not (colon and by and translated.strip()):
            raise ValueError("Expected who translated it, a colon and the text.")
        translation = {"lang": lang, "by_kind": by_kind, "by": by.strip(), "text": translated.strip()}
        return msgspec.convert(translation, Translation)


class LikelyType(Typed):
    """How likely one thing is held to be."""

    name = "likelihood"
    form = f"WHAT=PERCENT, such as attack=70 or birch.1.12=17.5, where WHAT is {', '.join(_WHAT)} or a record"

    def read(self, text: str) -> Likely:
        """See Typed."""
        what, permille = _shared(text)
        if what in _WHAT:
            return msgspec.convert({"what": what, "permille": permille}, Likely)
        if not re.fullmatch(RECORD_NAME, what):
            raise ValueError(f"Expected what it was, or the name of a hypothesis, found {what!r}.")
        return Likely(hypothesis=what, permille=permille)


class ActorType(Typed):
    """Who may have done it, and how likely."""

    name = "actor"
    form = '"NAME=PERCENT", such as "Harbour Thieves=30"'

    def read(self, text: str) -> Actor:
        """See Typed."""
        name, permille = _shared(text)
        return msgspec.convert({"name": name, "permille": permille}, Actor)


class WantedBy(Typed):
    """A moment to come, in Unix milliseconds: a time, or how long from now."""

    name = "time"
    form = "a time, such as 2026-11-22T18:00Z, or how long from now, such as 90m, 2h or 1d"
    direction = 1

    def read(self, text: str) -> int:
        """See Typed."""
        if span := _SPAN.fullmatch(text):
            span_ms = int(span["count"]) * _UNITS[span["unit"]]
            return SystemClock().wall_ms() + self.direction * span_ms
        at_ms, _ = read_time(text)
        if self.direction > 0 and at_ms <= SystemClock().wall_ms():
            raise ValueError(f"Expected a time to come, found {text!r}.")
        return at_ms


class Since(WantedBy):
    """A moment that is past: a time, or how long ago."""

    form = "a time, such as 2026-11-22T09:00Z, or how long ago, such as 90m, 2h or 1d"
    direction = -1


def _check(word: str, of: Any, what: str) -> None:  # noqa: ANN401 - a Literal
    if word not in get_args(of):
        raise ValueError(f"Expected a {what} ({', '.join(get_args(of))}), found {word!r}.")


def _shared(text: str) -> tuple[str, int]:
    """What stands before the last `=`, and the permille that the percentage after it is."""
    what, _, typed = text.rpartition("=")
    percent = _PERCENT.fullmatch(typed.strip())
    permille = int(percent["whole"] + (percent["tenths"] or "0")) if percent else 0
    if not 1 <= permille <= WHOLE_PERMILLE:
        raise ValueError(f"Expected 0.1 to 100 percent with at most one decimal, found {typed.strip()!r}.")
    return what.strip(), permille


def _certificates(texts: Iterable[str]) -> tuple[Certificate, ...] | None:
    found = []
    for text in texts:
        parts = _CERTIFICATE.fullmatch(text)
        if parts is None:
            raise ValueError(f"Expected a version or a certificate, found {text!r}.")
        found.append(Certificate(number=parts["number"], issuer=parts["issuer"]))
    return tuple(found) or None
