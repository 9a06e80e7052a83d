"""The picture of cases: one of 10,000 records by five desks, and 10,000 of 100 records each.

A third of the records are reports, of two sources each, a quarter answers, a third acknowledgements; one in
thirty withdraws, one in thirty corrects. Each desk's node holds what two others had said before about two of
three records. All of it is in memory: what the store takes comes on top.
"""

import gc
import random
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from tests.cases.picture.contexts import Contexts
from tests.cases.picture.desks import MEMBERS, Desks, cites, lying, terms, url, words

from bench.figures import Figure, Report, middle, percentile, resident_bytes
from tocsin.cases.picture import Case, summary
from tocsin.core.records import (
    Acknowledgement,
    CaseRecord,
    Correction,
    Fingerprint,
    Link,
    Ref,
    encode_record,
    parse_record,
)
from tocsin.core.views import Said

_LARGE = 10_000
_SMALL = 100
_CASES = 10_000
_DIFFERENT = 50
_KEPT = 50_000
_RUNS = 5


def cases(report: Report, folder: Path, scale: float) -> None:
    """A large case, one more record of it, and all cases anew."""
    del folder
    large = told(random.Random(1), int(_LARGE * scale))
    _whole(report, large)
    _one_more(report, large, len(large.said) // 10)
    _one_more_of_few(report)
    _kept(report)
    _anew(report, max(_DIFFERENT, int(_CASES * scale)))


def _whole(report: Report, desks: Desks) -> None:
    case = Case(desks.case)
    for said in desks.said[:-_RUNS]:
        case.add(said)
    case.view(terms(), desks.knowledge)
    times_ms = []
    for said in desks.said[-_RUNS:]:
        gc.collect()
        times_ms.append(_added_ms(case, said, lambda: case.view(terms(), desks.knowledge)))
    value, spread = middle(times_ms)
    what = f"the view of a case of {len(desks.said):,} records, one more of them than before"
    report.add(Figure("cases.view", what, value, "ms", 50, spread=spread, samples=_RUNS))
    anew = Case(desks.case)
    for said in desks.said:
        anew.add(said)
    start = time.perf_counter()
    anew.view(terms(), desks.knowledge)
    value = (time.perf_counter() - start) * 1e3
    what = f"the view of a case of {len(desks.said):,} records, none of which was looked at before"
    report.add(Figure("cases.view.anew", what, value, "ms"))


def _one_more(report: Report, desks: Desks, most: int) -> None:
    case, charter = Case(desks.case), terms()
    for said in desks.said[:-most]:
        case.add(said)
    case.summary(charter, desks.knowledge)
    times_ms = [
        _added_ms(case, said, lambda: case.summary(charter, desks.knowledge)) for said in desks.said[-most:]
    ]
    what = f"one more record of a case of {len(desks.said):,}: its summary up to date"
    report.add(Figure("cases.one-more.mean", f"{what}, mean", sum(times_ms) / most, "ms", 2, samples=most))
    for share, short in ((0.5, "p50"), (0.99, "p99")):
        value = percentile(times_ms, share)
        report.add(Figure(f"cases.one-more.{short}", f"{what}, {short}", value, "ms", samples=most))


def _one_more_of_few(report: Report) -> None:
    times_ms = []
    for seed in range(_DIFFERENT):
        desks = told(random.Random(seed), _SMALL)
        case = Case(desks.case)
        for said in desks.said[:-10]:
            case.add(said)
        look = partial(case.view, terms(), desks.knowledge)
        look()
        times_ms += [_added_ms(case, said, look) for said in desks.said[-10:]]
    for share, short in ((0.5, "p50"), (0.99, "p99")):
        what = f"one more record of a case of {_SMALL}: its whole view up to date, {short}"
        value = percentile(times_ms, share)
        report.add(Figure(f"cases.few.{short}", what, value, "ms", 2, samples=len(times_ms)))


def _kept(report: Report) -> None:
    """What the records that a node keeps decoded take, with the pictures of their cases."""
    gc.collect()
    before = resident_bytes()
    kept = []
    for seed in range(_KEPT // _SMALL):
        ref, written = _written(random.Random(seed))
        case = Case(ref)
        for said in _read(written):
            case.add(said)
        kept.append((case, case.view(terms(), Contexts())))
    value = (resident_bytes() - before) / 1e6
    what = f"memory of {_KEPT:,} records of {len(kept)} cases, decoded, and of their views"
    report.add(Figure("cases.kept", what, value, "MB", 600))


def _anew(report: Report, count: int) -> None:
    """Decode and fold all cases, one after the other; a few different ones stand for all."""
    different = [_written(random.Random(seed)) for seed in range(_DIFFERENT)]
    charter, rates = terms(), []
    for _ in range(3):
        gc.collect()
        start = time.perf_counter()
        for number in range(count):
            case, written = different[number % _DIFFERENT]
            summary(case, _read(written), charter, Contexts())
        rates.append(count * _SMALL / (time.perf_counter() - start))
    value, spread = middle(rates)
    what = f"records of {count:,} cases of {_SMALL} decoded, and all cases summed up"
    report.add(Figure("cases.anew", what, value, "records/s", 50_000, most=False, spread=spread, samples=3))


def _written(chance: random.Random) -> tuple[Ref, Sequence[tuple[Ref, str, bytes]]]:
    desks = told(chance, _SMALL)
    return desks.case, [(said.ref, said.member, encode_record(said.record)) for said in desks.said]


def _read(written: Sequence[tuple[Ref, str, bytes]]) -> Iterator[Said[CaseRecord]]:
    for ref, member, data in written:
        record = parse_record(data).record
        assert isinstance(record, CaseRecord)  # noqa: S101
        yield Said(ref, member, record)


def told(chance: random.Random, records: int) -> Desks:
    """A case of so many records."""
    desks = Desks()
    desks.reports("alder", url("first"), event="incident", severity="incident", summary="Seen", lang="en")
    asks = [desks.asks("alder")]
    while len(desks.said) < records:
        member = chance.choice(MEMBERS)
        if chance.random() < 2 / 3:
            desks.sees(member, *chance.sample(MEMBERS, 2))
        _one(desks, chance, member, asks)
    return desks


def _one(desks: Desks, chance: random.Random, member: str, asks: list[Ref]) -> None:
    """One more record."""
    kind, page = chance.random(), url(str(chance.randrange(2_500)))
    other = chance.choice(desks.said).ref
    own = [said.ref for said in desks.said[-200:] if said.member == member and said.record.kind == "report"]
    if kind < 0.33:
        name = Fingerprint(kind="domain", value=f"host{chance.randrange(10_000)}.example")
        second = cites(other) if chance.random() < 0.3 else words("by telephone")
        desks.reports(member, page, second, severity="incident", event="incident", fingerprints=(name,))
    elif kind < 0.35:
        asks.append(desks.asks(member))
    elif kind < 0.6:
        desks.answers(member, chance.choice(asks), *([page] if chance.random() < 0.6 else []))
    elif kind < 0.9 or not own:
        desks.says(member, desks.made(Acknowledgement, of=(other,)))
    elif kind < 0.94:
        desks.says(member, desks.made(Link, other=lying(desks.case), link="related"))
    elif kind < 0.97:
        desks.withdraws(member, chance.choice(own))
    else:
        desks.says(member, desks.made(Correction, of=chance.choice(own), severity="disaster"))


def _added_ms(case: Case, said: Said[CaseRecord], look: Callable[[], object]) -> float:
    start = time.perf_counter()
    case.add(said)
    look()
    return (time.perf_counter() - start) * 1e3
