"""Records of cases, of every kind and with any fields that may stand together."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Literal, TypeVar, get_args

from hypothesis import strategies as st
from msgspec.structs import replace
from tests.core.record_parts import common, hex_digests, langs, logs, roots, slugs, times_ms, words

from tocsin.core.records import (
    Acknowledgement,
    Actor,
    Answer,
    Ask,
    Attachment,
    AuthorKind,
    Certificate,
    Closing,
    Correction,
    Fingerprint,
    GroundTruth,
    Handover,
    Hypothesis,
    Link,
    Moment,
    OfCases,
    Operator,
    OperatorPosition,
    Passing,
    Probability,
    Reading,
    Ref,
    Reminder,
    Report,
    Source,
    System,
    Takeover,
    Translation,
    Withdrawal,
)
from tocsin.core.records.cases import vocabulary as lists
from tocsin.core.records.cases.report import Described
from tocsin.core.strict_json import MAX_INTEGER

_One = TypeVar("_One")

refs = st.builds(Ref, log=logs.map(str), index=st.integers(1, MAX_INTEGER - 1), entry=roots)
names = words.filter(lambda name: len(name.encode()) <= 256)


def one_of_list(closed: object) -> st.SearchStrategy[Any]:
    """One word of a closed list."""
    return st.sampled_from(get_args(closed))


def optional(values: st.SearchStrategy[_One]) -> st.SearchStrategy[_One | None]:
    """A value, or none."""
    return st.none() | values


def some(values: st.SearchStrategy[_One], at_most: int = 3) -> st.SearchStrategy[tuple[_One, ...]]:
    """A few values, in any order."""
    return st.lists(values, min_size=1, max_size=at_most).map(tuple)


def ascending(
    values: st.SearchStrategy[_One], by: Callable[[_One], Any] = lambda value: value
) -> st.SearchStrategy[tuple[_One, ...]]:
    """A few values, each once, as a record lists them."""
    return st.lists(values, min_size=1, max_size=4, unique_by=by).map(
        lambda unsorted: tuple(sorted(unsorted, key=by))
    )


certificates = optional(
    some(st.builds(Certificate, issuer=names, number=names, sha256=optional(hex_digests)))
)
systems = st.builds(System, name=names, version=optional(names), certificates=certificates)
operators = st.builds(Operator, name=names, role=one_of_list(lists.OperatorRole), certificates=certificates)
VALUES: dict[str, st.SearchStrategy[str]] = {
    "sha256": hex_digests,
    "sha1": hex_digests.map(lambda digest: digest[:40]),
    "md5": hex_digests.map(lambda digest: digest[:32]),
    "pdq": hex_digests,
    "tlsh": st.binary(min_size=35, max_size=35).map(lambda data: "T1" + data.hex().upper()),
    "ssdeep": st.builds("{}:{}:{}".format, st.integers(3, 10**9), st.just("aB+/"), st.just("c")),
    "url": st.just("https://social.example/status/") | st.just("ftp://[::1]/?a=%20#b"),
    "domain": st.sampled_from(["example", "social.example", "xn--tst-qla.example", "_a.b-c.example"]),
    "ip": st.ip_addresses().map(str).filter(lambda ip: not ip.startswith("::ffff:")),
    "email": st.sampled_from(["desk@social.example", "a+b=c@d", "?@a.b"]),
}
fingerprints = st.sampled_from(sorted(VALUES)).flatmap(
    lambda kind: st.builds(Fingerprint, kind=st.just(kind), value=VALUES[kind])
)
attachments = st.builds(
    Attachment,
    media_type=st.sampled_from(["image/png", "application/vnd.example+json"]),
    sha256=hex_digests,
    size_bytes=st.integers(0, MAX_INTEGER),
    name=optional(names),
    illegal=st.booleans(),
)
first_seen = st.builds(
    Source,
    kind=one_of_list(lists.SourceKind).filter(lambda kind: kind != "record"),
    locator=names,
    obtained=one_of_list(lists.Obtained),
    obtained_at_ms=optional(times_ms),
    sha256=optional(hex_digests),
)
sources = some(first_seen | st.builds(Source, kind=st.just("record"), record=refs))


@st.composite
def authors(draw: st.DrawFn, *kinds: str) -> dict[str, Any]:
    """The fields of every record of a case: an officer's, or with one who answers for it."""
    fields = {name: draw(values) for name, values in common.items()}
    if kinds:
        fields["author_kind"] = draw(st.sampled_from(kinds))
    if fields["author_kind"] != "officer":
        fields["answerable"] = draw(slugs)
    return fields


@st.composite
def free_texts(draw: st.DrawFn, field: str) -> dict[str, Any]:
    """No text, or one in its language, with translations or without."""
    if draw(st.booleans()):
        return {}
    lang = draw(langs)
    translation = st.builds(
        Translation,
        by=names,
        by_kind=one_of_list(AuthorKind),
        lang=langs.filter(lambda other: other != lang),
        text=words,
    )
    translations = draw(optional(ascending(translation, by=lambda one: one.lang)))
    return {field: draw(words), "lang": lang, "translations": translations}


@st.composite
def descriptions(draw: st.DrawFn) -> dict[str, Any]:
    """An author, and what can be said of an incident."""
    author = draw(authors())
    clocks = one_of_list(lists.Clock)
    moment = st.builds(
        Moment,
        asserted_by=one_of_list(lists.Asserter),
        at_ms=times_ms,
        clock=clocks if author["author_kind"] == "officer" else clocks.filter(lambda one: one != "aware"),
        precision=one_of_list(lists.Precision),
        name=optional(names),
    )
    described: dict[str, st.SearchStrategy[Any]] = {
        "event": one_of_list(lists.Event),
        "severity": one_of_list(lists.Severity),
        "relation": one_of_list(lists.Relation),
        "harms": ascending(one_of_list(lists.Harm)),
        "tasks": ascending(one_of_list(lists.Task)),
        "economies": ascending(st.text("AKRZ019-", min_size=2, max_size=32)),
        "systems": some(systems),
        "operators": some(operators),
        "fingerprints": ascending(fingerprints),
        "moments": ascending(moment, by=lambda one: (one.clock, one.asserted_by, one.name or "")),
        "attachments": ascending(attachments, by=lambda one: one.sha256),
    }
    given_fields = {name: draw(optional(values)) for name, values in described.items()}
    return author | given_fields | draw(free_texts("summary"))


@st.composite
def earlier_reports(draw: st.DrawFn) -> Report:
    """A report as versions before 0.3.0 wrote it."""
    occurred = one_of_list(Literal["day", "hour", "minute", "second", "unknown"])
    at_ms, precision = draw(optional(st.tuples(times_ms, occurred))) or (None, None)
    source = st.builds(
        Source,
        kind=st.sampled_from(["document", "person", "post", "sensor", "website", "other"]),
        locator=st.just("") | names,
        obtained_at_ms=optional(times_ms),
    )
    return Report(
        **{name: draw(values) for name, values in common.items()},
        summary=draw(words),
        lang=draw(langs),
        sources=draw(some(source)),
        occurred_at_ms=at_ms,
        occurred_precision=precision,
    )


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A report that opens a case or adds to one."""
    return Report(**draw(descriptions()), sources=draw(sources), case=draw(optional(refs)))


@st.composite
def corrections(draw: st.DrawFn) -> Correction:
    """A correction that gives or clears a field at least."""
    fields = draw(descriptions())
    free = [name for name in get_args(Described) if fields.get(name) is None]
    cleared = draw(st.lists(st.sampled_from(free), unique=True)) if free else []
    new = draw(sources if len(free) == len(get_args(Described)) and not cleared else optional(sources))
    return Correction(
        **fields, case=draw(refs), of=draw(refs), sources=new, cleared=tuple(sorted(cleared)) or None
    )


@st.composite
def in_case(draw: st.DrawFn, /, *kinds: str, **fields: st.SearchStrategy[Any]) -> dict[str, Any]:
    """The fields of a record of a case, and these."""
    free_text = draw(free_texts("text"))
    given_fields = {name: draw(values) for name, values in fields.items()}
    return draw(authors(*kinds)) | free_text | {"case": draw(refs)} | given_fields


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """An answer: what was seen says where; any other says nothing of it."""
    seen = draw(one_of_list(lists.Seen))
    details: dict[str, Any] = {}
    if seen == "seen":
        details = {
            "sources": draw(sources),
            "count": draw(optional(one_of_list(lists.Count))),
            "fingerprints": draw(optional(ascending(fingerprints))),
            "matched": draw(optional(one_of_list(lists.Matched))),
        }
    return Answer(**draw(in_case()), ask=draw(refs), seen=seen, **details)


@st.composite
def links(draw: st.DrawFn) -> Link:
    """A link to another case."""
    fields = draw(in_case())
    other = draw(refs.filter(lambda ref: ref != fields["case"]))
    return Link(**fields, other=other, link=draw(one_of_list(lists.LinkKind)))


@st.composite
def handovers(draw: st.DrawFn) -> Handover:
    """A handover to another role."""
    author = draw(authors("officer"))
    return Handover(
        **author,
        **draw(free_texts("text")),
        to=draw(slugs.filter(lambda role: role != author["author"])),
        cases=draw(optional(ascending(refs))),
    )


@st.composite
def hypotheses(draw: st.DrawFn) -> Hypothesis:
    """A hypothesis, which nothing says but its text."""
    fields = draw(in_case(under=one_of_list(lists.What)))
    return Hypothesis(**{"text": draw(words), "lang": draw(langs)} | fields)


@st.composite
def shares(draw: st.DrawFn, count: int, whole: int = 1_000) -> list[int]:
    """So many integers of at least 1, which make that together."""
    cuts = sorted(draw(st.sets(st.integers(1, whole - 1), min_size=count - 1, max_size=count - 1)))
    return [end - start for start, end in pairwise([0, *cuts, whole])]


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    """A reading: a distribution, and perhaps another of who did it."""
    things = st.one_of(
        st.builds(
            Probability,
            permille=st.just(1),
            what=one_of_list(lists.What) | one_of_list(lists.Undetermined),
        ),
        st.builds(Probability, permille=st.just(1), hypothesis=refs),
    )
    named = draw(ascending(things, by=lambda one: one.key))
    probabilities = tuple(
        replace(one, permille=permille) for one, permille in zip(named, draw(shares(len(named))), strict=True)
    )
    is_open = [one.what for one in named] == ["undetermined"]
    accused = draw(optional(ascending(names)))
    who = zip(accused or (), draw(shares(len(accused or ()) + 1)), strict=False)
    return Reading(
        **draw(in_case()),
        probabilities=probabilities,
        confidence=draw(one_of_list(lists.Confidence)),
        sources=draw(optional(sources) if is_open else sources),
        who=tuple(Actor(name=name, permille=permille) for name, permille in who) or None,
    )


def of_kind(
    kind: Callable[..., _One], *authors_of: str, **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[_One]:
    """Records of a kind, with these fields besides the common ones."""
    return in_case(*authors_of, **fields).map(lambda given: kind(**given))


case_records: st.SearchStrategy[OfCases] = st.one_of(
    earlier_reports(),
    reports(),
    corrections(),
    of_kind(
        Ask,
        questions=ascending(one_of_list(lists.Question)),
        to=optional(ascending(slugs)),
        wanted_by_ms=optional(times_ms),
    ),
    answers(),
    of_kind(Acknowledgement, "officer", of=ascending(refs)),
    of_kind(
        Reminder,
        of=refs,
        member=slugs,
        due=one_of_list(lists.Due),
        due_by_ms=times_ms,
        step=one_of_list(lists.Step),
    ),
    links(),
    of_kind(Withdrawal, of=ascending(refs), reason=one_of_list(lists.Reason)),
    of_kind(
        OperatorPosition,
        operator=names,
        role=one_of_list(lists.OperatorRole),
        position=one_of_list(lists.Position),
        sources=optional(sources),
    ),
    handovers(),
    st.builds(Takeover, **common | {"author_kind": st.just("officer")}, handover=refs),
    of_kind(Passing, of=ascending(refs), to=optional(names)),
    of_kind(Closing, outcome=one_of_list(lists.Outcome), dissent=optional(ascending(refs))),
    hypotheses(),
    readings(),
    of_kind(GroundTruth, what=one_of_list(lists.What), hypothesis=optional(refs), sources=optional(sources)),
)
