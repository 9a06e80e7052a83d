"""The replay: the false picture of 22 May 2023, told desk by desk; then a cable is cut and mended.

What is said is a record in its author's log. A desk *knows* it when its node has read it; a desk has
*confirmed* it when the author's node has verified that desk's signature.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from tocsin.circles.events import Lost
from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds, span
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import FIVE, Reported, Said
from tocsin.cli.demo.script.day import REPLAY
from tocsin.cli.demo.script.nights import CUT_OFF, WHILE_CUT
from tocsin.cli.demo.stage import Receipts, Stage, Uttered
from tocsin.cli.terminal import bad, faint, good, strong, waiting
from tocsin.core.records import Ref, Report


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one desk said. By desk: milliseconds from before it was written until it was known, confirmed."""

    author: str
    occurred: str
    text: str
    not_established: str
    sources: list[str]
    log: str
    index: int
    durable_ms: float
    known_ms: dict[str, float]
    confirmed_ms: dict[str, float]
    by_all_ms: float


class Replayed(Facts, frozen=True, kw_only=True, tag="replay"):
    """What was said, and how many entries every node holds after it."""

    statements: list[Statement]
    entries_at_each: int

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        times = span(statement.by_all_ms for statement in self.statements)
        return (
            "A picture",
            f"{len(self.statements)} statements, each confirmed by all in {times}",
        )


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """What was said during the cut: who confirmed it before the mending, and who how long after it."""

    author: str
    text: str
    confirmed_during_cut: list[str]
    confirmed_after_mending_ms: dict[str, float]


class CableCut(Facts, frozen=True, kw_only=True, tag="cable"):
    """A desk was cut off and came back: what was said meanwhile waited, and arrived once."""

    cut_off: str
    cut_for_s: float
    waited: list[Waited]
    arrivals: int

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "A cut cable", f"{len(self.waited)} statements waited; all arrived, none twice"


class Told(NamedTuple):
    """The case of the picture, and the last that was said of it, which is the denial."""

    case: Ref
    denial: Uttered


async def show_replay(stage: Stage, screen: Screen, circle: Circle) -> Told:
    """Scene: the picture goes round."""
    screen.headline("22 May 2023: a picture goes round")
    await screen.look(*looks.REPLAY)
    said_so_far: list[tuple[Uttered, Receipts]] = []
    for said in REPLAY:
        # The first one opens a case, and the others add to it.
        case = stage.ref(said_so_far[0][0]) if said_so_far else None
        said_so_far.append(await _show_statement(stage, screen, circle, said, case))
    statements = [_statement(said, *told) for said, told in zip(REPLAY, said_so_far, strict=True)]
    await stage.settle(circle)
    entries = await stage.same(circle)
    screen.line(strong("When each desk knew what, in milliseconds after it was written"))
    screen.line()
    screen.table(list(_when_known(statements)))
    screen.line()
    screen.say(
        f"Compared log by log, all five nodes hold the same {entries} entries. From writing to received and "
        f"confirmed by all, it took {span(statement.by_all_ms for statement in statements)}."
    )
    screen.facts(Replayed(statements=statements, entries_at_each=entries))
    await screen.pause(4.5)
    return Told(stage.ref(said_so_far[0][0]), said_so_far[-1][0])


async def show_cut(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: one desk's cable is cut and mended."""
    screen.headline("A cable is cut, and mended")
    await screen.look(*looks.CUT)
    since, cut_s = len(stage.watch.seen), stage.clock.monotonic_s()
    stage.cables.cut(CUT_OFF.slug)
    screen.happens(f"{bad('cut')}  {CUT_OFF.name} ({CUT_OFF.economy}) is off the network. Everybody goes on.")
    await screen.pause(1.5)
    uttered = [await _show_waiting(stage, screen, circle, said) for said in WHILE_CUT]
    await stage.watch.until(
        "every desk to notice that somebody is out of reach",
        lambda: stage.desks.keys() <= {s.desk for s in stage.watch.seen[since:] if isinstance(s.event, Lost)},
    )
    during = [set(stage.receipts(one).confirmed) for one in uttered]
    mended_s = stage.clock.monotonic_s()
    stage.cables.mend(CUT_OFF.slug)
    screen.line()
    screen.happens(f"{good('mended')}  after {mended_s - cut_s:.1f} s. The nodes find out by themselves.")
    screen.line()
    waited: list[Waited] = []
    for said, one, confirmed in zip(WHILE_CUT, uttered, during, strict=True):
        moments = (await stage.received(one, FIVE)).confirmed
        late = {slug: at_s - mended_s for slug, at_s in moments.items() if slug not in confirmed}
        waited.append(
            Waited(
                author=said.author.slug,
                text=said.text,
                confirmed_during_cut=sorted(confirmed),
                confirmed_after_mending_ms=_in_milliseconds(late),
            )
        )
    _show_arrivals(screen, waited)
    await stage.settle(circle)
    arrivals = stage.arrivals(circle)
    screen.line()
    screen.say(
        f"Since the beginning, a record has arrived at a desk {arrivals} times, and none of them twice."
    )
    screen.facts(
        CableCut(
            cut_off=CUT_OFF.slug,
            cut_for_s=round(mended_s - cut_s, 3),
            waited=waited,
            arrivals=arrivals,
        )
    )
    await screen.pause(4)


async def _show_statement(
    stage: Stage, screen: Screen, circle: Circle, said: Said, case: Ref | None
) -> tuple[Uttered, Receipts]:
    """Say it, and show who knew and confirmed it when."""
    author = f"{strong(said.author.name)} ({said.author.economy})"
    if isinstance(said, Reported):
        screen.happens(f"{strong(_occurred(said))}  {author} reports")
        screen.say(said.text, INSET)
        screen.say(f"Not established: {said.not_established}", INSET, waiting)
        publishers = (published.by for published in said.sources)
        screen.say(f"Published by {' · '.join(publishers)}", INSET, faint)
    else:
        screen.happens(f"{strong('To all')}     {author} writes")
        screen.say(said.text, INSET)
    await screen.pause(1.4)
    record = said.record(circle.id, stage.clock.wall_ms())
    if isinstance(record, Report):
        record = replace(record, case=case)
    uttered = await stage.write(circle, said.author, record)
    receipts = await stage.received(uttered, FIVE)
    known, confirmed = (_since(uttered, moments) for moments in (receipts.known, receipts.confirmed))
    rows = [
        ("known at", *_cells(known), faint("ms after writing")),
        (good("confirmed by"), *_cells(confirmed), good(f"ms: by all {len(confirmed)}")),
    ]
    screen.line()
    screen.table(rows, INSET)
    screen.line()
    await screen.pause(2)
    return uttered, receipts


async def _show_waiting(stage: Stage, screen: Screen, circle: Circle, said: Said) -> Uttered:
    """Say it during the cut, and show for whom it waits."""
    uttered = await stage.utter(circle, said)
    reachable = () if said.author is CUT_OFF else [desk for desk in FIVE if desk is not CUT_OFF]
    confirmed = (await stage.received(uttered, reachable)).confirmed
    by = [desk.economy for desk in FIVE if desk.slug in confirmed]
    waits_for = [desk.economy for desk in FIVE if desk is not said.author and desk.slug not in confirmed]
    screen.line()
    screen.happens(f"{strong(said.author.name)} ({said.author.economy}) writes")
    screen.say(said.text, INSET)
    ready = f"{good('confirmed by')} {', '.join(by)}; " if by else ""
    screen.line(f"{ready}{waiting('waits for')} {', '.join(waits_for)}", INSET)
    await screen.pause(1.5)
    return uttered


def _show_arrivals(screen: Screen, waited: Sequence[Waited]) -> None:
    rows = [
        (
            f"{said.author.name}'s word",
            good("confirmed by"),
            ", ".join(_cells(one.confirmed_after_mending_ms)),
        )
        for said, one in zip(WHILE_CUT, waited, strict=True)
    ]
    screen.table(rows)
    screen.line(faint("in milliseconds after the mending"))


def _when_known(statements: Sequence[Statement]) -> Iterator[tuple[str, ...]]:
    yield ("", "", *(f"{desk.economy:>6}" for desk in FIVE))
    for statement in statements:
        times = (statement.known_ms.get(desk.slug) for desk in FIVE)
        cells = (f"{'wrote':>6}" if ms is None else f"{ms:6}" for ms in times)
        yield (faint(statement.occurred), statement.author, *cells)


def _statement(said: Said, uttered: Uttered, receipts: Receipts) -> Statement:
    reported = said if isinstance(said, Reported) else None
    confirmed_ms = _since(uttered, receipts.confirmed)
    return Statement(
        author=said.author.slug,
        occurred=_occurred(reported) if reported else "",
        text=said.text,
        not_established=reported.not_established if reported else "",
        sources=[published.url for published in reported.sources] if reported else [],
        log=uttered.log,
        index=uttered.index,
        durable_ms=milliseconds(uttered.durable_s),
        known_ms=_since(uttered, receipts.known),
        confirmed_ms=confirmed_ms,
        by_all_ms=max(confirmed_ms.values()),
    )


def _occurred(said: Reported) -> str:
    return f"{said.at:%H:%M} UTC" if said.precision == "minute" else "That day "


def _since(uttered: Uttered, moments: Mapping[str, float]) -> dict[str, float]:
    return _in_milliseconds({slug: at_s - uttered.began_s for slug, at_s in moments.items()})


def _in_milliseconds(times_s: Mapping[str, float]) -> dict[str, float]:
    return {slug: milliseconds(seconds) for slug, seconds in times_s.items()}


def _cells(times_ms: Mapping[str, float]) -> Iterator[str]:
    return (f"{desk.economy} {times_ms[desk.slug]:5}" for desk in FIVE if desk.slug in times_ms)
