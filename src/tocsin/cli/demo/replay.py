"""The replay: the false picture of 22 May 2023, told desk by desk; then a cable is cut and mended.

Every statement is a record in its author's log. When a desk is said to know it, that desk's node has read it; when a
desk is said to have confirmed it, the author's node has verified that desk's signature.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tocsin.circles.events import Arrived, Lost
from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen, milliseconds, span
from tocsin.cli.demo.script import CUT_OFF, FIVE, REPLAY, WHILE_CUT, Reported, Said
from tocsin.cli.demo.stage import Receipts, Stage, Uttered
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import bad, faint, good, strong, waiting
from tocsin.core.records import encode_record


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What one desk said; and by desk, the milliseconds from before it was written until it was known and confirmed."""

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
    """The replay, and how many entries every node holds after it."""

    statements: list[Statement]
    entries_at_each: int


class Waited(msgspec.Struct, frozen=True, kw_only=True):
    """What was said during the cut: who had confirmed it before the mending, and when the others did, after it."""

    author: str
    text: str
    confirmed_during_cut: list[str]
    confirmed_after_mending_ms: dict[str, float]


class CableCut(Facts, frozen=True, kw_only=True, tag="cable"):
    """A desk was cut off and came back: what was said waited, and arrived once."""

    cut_off: str
    cut_for_s: float
    waited: list[Waited]
    caught_up_after_ms: float
    arrivals: int
    arrived_twice: int


async def show_replay(stage: Stage, screen: Screen, circle: Circle) -> Uttered:
    """Scene: the picture goes round. Returns the last statement, which is the denial."""
    screen.headline("22 May 2023: a picture goes round")
    statements: list[Statement] = []
    for said in REPLAY:
        _show_said(screen, said)
        await screen.pause(1.6)
        uttered = await stage.utter(
            circle, said.author, encode_record(said.record(circle.id, stage.clock.wall_ms()))
        )
        receipts = await stage.received(uttered, FIVE)
        _show_receipts(screen, uttered, receipts)
        statements.append(_statement(said, uttered, receipts))
        await screen.pause(2.4)
    await stage.settle(circle)
    entries = stage.check_same(circle)
    screen.line(strong("What each desk knew, in milliseconds after it was written"))
    screen.line()
    screen.table(list(_knowledge(statements)))
    screen.line()
    screen.say(
        f"Compared log by log: all five nodes hold the same {entries} entries. From writing to received and confirmed "
        f"by all took {span(s.by_all_ms for s in statements)}."
    )
    screen.facts(Replayed(statements=statements, entries_at_each=entries))
    await screen.pause(5)
    return uttered


async def show_cut(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: one desk's cable is cut and mended."""
    screen.headline("A cable is cut, and mended")
    others = [organisation for organisation in FIVE if organisation is not CUT_OFF]
    since, cut_s = len(stage.watch.seen), stage.clock.monotonic_s()
    stage.cables.cut(CUT_OFF.slug)
    screen.line(
        f"{bad('cut')}  Every connection of {CUT_OFF.name} ({CUT_OFF.economy}) breaks. Both sides go on."
    )
    screen.line()
    said_during_cut: list[tuple[Said, Uttered]] = []
    for said in WHILE_CUT:
        uttered = await stage.utter(
            circle, said.author, encode_record(said.record(circle.id, stage.clock.wall_ms()))
        )
        said_during_cut.append((said, uttered))
        if said.author is not CUT_OFF:
            await stage.received(uttered, others)
    await stage.watch.until(
        "both sides to notice that they cannot reach each other",
        lambda: {CUT_OFF.slug, *(o.slug for o in others)} <= _who_lost_someone(stage, since),
    )
    during = [sorted(stage.receipts(uttered).confirmed) for _, uttered in said_during_cut]
    for (said, _), confirmed in zip(said_during_cut, during, strict=True):
        _show_waiting(screen, said, confirmed)
        await screen.pause(1.5)
    mended_s = stage.clock.monotonic_s()
    stage.cables.mend(CUT_OFF.slug)
    screen.line()
    screen.line(
        f"{good('mended')}  after {mended_s - cut_s:.1f} s. Nobody does anything; the nodes try again by themselves."
    )
    screen.line()
    waited: list[Waited] = []
    for (said, uttered), confirmed in zip(said_during_cut, during, strict=True):
        receipts = await stage.received(uttered, FIVE)
        after = {slug: at_s - mended_s for slug, at_s in receipts.confirmed.items() if slug not in confirmed}
        _show_arrival(screen, said, after)
        waited.append(
            Waited(
                author=said.author.slug,
                text=said.text,
                confirmed_during_cut=confirmed,
                confirmed_after_mending_ms={slug: milliseconds(seconds) for slug, seconds in after.items()},
            )
        )
    await stage.settle(circle)
    caught_up_ms = max(ms for one in waited for ms in one.confirmed_after_mending_ms.values())
    arrivals, twice = _arrivals(stage, circle)
    screen.line()
    screen.say(
        f"Since the beginning, a record arrived at a desk {arrivals} times; {twice or 'none'} arrived twice."
    )
    screen.facts(
        CableCut(
            cut_off=CUT_OFF.slug,
            cut_for_s=round(mended_s - cut_s, 3),
            waited=waited,
            caught_up_after_ms=caught_up_ms,
            arrivals=arrivals,
            arrived_twice=twice,
        )
    )
    await screen.pause(4)


def _show_said(screen: Screen, said: Said) -> None:
    author = f"{strong(said.author.name)} ({said.author.economy})"
    if not isinstance(said, Reported):
        screen.line(f"{strong('To all')}     {author} writes")
        screen.say(said.text, INSET)
        return
    screen.line(f"{strong(_occurred(said))}  {author} reports")
    screen.say(said.text, INSET)
    screen.say(f"Not established: {said.not_established}", INSET, waiting)
    screen.say(f"Published by {' · '.join(_publishers(said))}", INSET, faint)


def _show_receipts(screen: Screen, uttered: Uttered, receipts: Receipts) -> None:
    known, confirmed = (
        [
            f"{organisation.economy} {milliseconds(at_s[organisation.slug] - uttered.began_s):5}"
            for organisation in FIVE
            if organisation is not uttered.author
        ]
        for at_s in (receipts.known, receipts.confirmed)
    )
    by_all = f"ms: by all {len(confirmed)}"
    screen.line()
    screen.table(
        [("known at", *known, faint("ms after writing")), (good("confirmed by"), *confirmed, good(by_all))],
        INSET,
    )
    screen.line()


def _show_waiting(screen: Screen, said: Said, confirmed: list[str]) -> None:
    economies = [organisation.economy for organisation in FIVE if organisation.slug in confirmed]
    missing = [
        organisation.economy
        for organisation in FIVE
        if organisation.slug not in (*confirmed, said.author.slug)
    ]
    screen.line(f"{strong(said.author.name)} ({said.author.economy}) writes")
    screen.say(said.text, INSET)
    by = f"{good('confirmed by')} {', '.join(economies)}; " if economies else ""
    screen.line(f"{by}{waiting('waits for')} {', '.join(missing)}", INSET)


def _show_arrival(screen: Screen, said: Said, after_s: dict[str, float]) -> None:
    times = [
        f"{organisation.economy} {milliseconds(after_s[organisation.slug])}"
        for organisation in FIVE
        if organisation.slug in after_s
    ]
    screen.line(f"{said.author.name}'s word: {good('confirmed by')} {', '.join(times)} ms after the mending")


def _knowledge(statements: Sequence[Statement]) -> Iterable[tuple[str, ...]]:
    yield ("", "", *(f"{organisation.economy:>6}" for organisation in FIVE))
    for statement in statements:
        times = (statement.known_ms.get(organisation.slug) for organisation in FIVE)
        cells = (f"{'wrote':>6}" if ms is None else f"{ms:6}" for ms in times)
        yield (faint(statement.occurred), statement.author, *cells)


def _statement(said: Said, uttered: Uttered, receipts: Receipts) -> Statement:
    def since_writing(moments: dict[str, float]) -> dict[str, float]:
        return {slug: milliseconds(at_s - uttered.began_s) for slug, at_s in moments.items()}

    reported = said if isinstance(said, Reported) else None
    return Statement(
        author=said.author.slug,
        occurred=_occurred(reported) if reported else "",
        text=said.text,
        not_established=reported.not_established if reported else "",
        sources=[source.locator for source in reported.sources] if reported else [],
        log=uttered.log,
        index=uttered.index,
        durable_ms=milliseconds(uttered.durable_s),
        known_ms=since_writing(receipts.known),
        confirmed_ms=since_writing(receipts.confirmed),
        by_all_ms=milliseconds(receipts.by_all_s - uttered.began_s),
    )


def _occurred(said: Reported) -> str:
    return f"{said.at:%H:%M} UTC" if said.precision == "minute" else "That day "


def _publishers(said: Reported) -> Iterable[str]:
    return (source.locator.partition(":")[0] for source in said.sources)


def _who_lost_someone(stage: Stage, since: int) -> set[str]:
    return {seen.desk for seen in stage.watch.seen[since:] if isinstance(seen.event, Lost)}


def _arrivals(stage: Stage, circle: Circle) -> tuple[int, int]:
    """How many records arrived at a desk, and how many of them more than once."""
    arrived = Counter(
        (seen.desk, seen.event.log, reading.index)
        for seen in stage.watch.seen
        if seen.circle == circle.id and isinstance(seen.event, Arrived)
        for reading in seen.event.readings
    )
    expected = sum(
        desk.node.store.head(str(member.log)).size
        for desk in stage.desks.values()
        for member in circle.members
        if member.slug != desk.organisation.slug
    )
    if len(arrived) != expected:
        raise DidNotHappen(f"Expected {expected} records to have arrived, found {len(arrived)}.")
    return len(arrived), sum(count > 1 for count in arrived.values())
