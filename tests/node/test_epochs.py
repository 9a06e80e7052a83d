"""New epochs of one node: drafted, signed with the organisation key, and taken; also after a restore."""

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.circles.lines import Lines
from tests.circles.test_other_openings import got_back
from tests.node.conftest import Run
from tests.node.nodes import CHANCE, CLOCK, DOMAIN, Founded, Place, confirmed, found, free_port, until
from tests.simulation.clock import SeededChance, VirtualClock

from tocsin.circles.changing.amendment import sealed_amendment, sign_amendment
from tocsin.circles.changing.draft import draft_amendment
from tocsin.circles.errors import WritesHalted
from tocsin.circles.exchanging.kept import Kept
from tocsin.circles.founding.charter import CharterMember
from tocsin.circles.founding.joining import assemble
from tocsin.circles.founding.opening import make_opening
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName, organisation_name
from tocsin.core.records import Endpoint, Opening, Reason, sign_record
from tocsin.core.tlog.checkpoint import Checkpoint
from tocsin.node.api.records import Shelf
from tocsin.node.epochs import DraftExists, EndUnknown, Epochs, NoDraft
from tocsin.node.folder import Folder
from tocsin.node.node import Node
from tocsin.node.watching.circles import troubles_of

DAY_MS = 86_400_000


@pytest.fixture
def lines() -> Iterator[Lines]:
    """A circle whose members run in this process, on virtual time."""
    with Lines() as lines:
        yield lines


def signed(circle: Founded, opening: Opening) -> bytes:
    """What the organisation makes of a draft."""
    return sign_record(opening, circle.organisations[opening.member])


async def adopted(circle: Founded, node: Node, reason: Reason, cut: int | None = None) -> Opening:
    """A new epoch, drafted and taken."""
    opening = await node.epochs(circle.id).draft(reason, cut=cut)
    await node.lines[circle.id].take([signed(circle, opening)])
    return opening


@pytest.mark.parametrize("reason", ["scheduled", "compromised", "fork", "lost"])
def test_a_node_goes_on_in_a_new_epoch(run: Run[None], tmp_path: Path, reason: Reason) -> None:
    """With new keys, at once and after a start; everyone follows, and has the log before."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            line, other = east.lines[circle.id], north.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("First.")])).size)
            before = line.own.name
            size = line.own.size
            opening = await adopted(circle, east, reason)
            assert opening.previous is not None
            assert opening.previous.size == size
            assert line.own.member.log.epoch == 2
            assert east.keys[circle.id].member.log_name == line.own.member.log
            await confirmed(line, (await line.write([circle.note("Second.")])).size)
            assert other.following.log(before) is not None
            assert other.circle.by_log[before].end is not None
            await until(lambda: not east.cards.publishing)
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            assert line.own.member.log.epoch == 2
            await confirmed(line, (await line.write([circle.note("Third.")])).size)

    run(scenario())


def test_the_new_log_says_who_is_on_duty(run: Run[None], tmp_path: Path) -> None:
    """Every epoch has a card of its own, with the new key to be shown."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, 1)
            await adopted(circle, east, "scheduled")
            await until(lambda: not east.cards.publishing)
            assert east.store.card_before(line.own.name, line.own.size) is not None

    run(scenario())


def test_a_draft_is_given_again_or_cancelled(run: Run[None], tmp_path: Path) -> None:
    """Another one is refused; until it is cancelled, nothing is written, also after a start."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            epochs = east.epochs(circle.id)
            await east.lines[circle.id].write([circle.note("First.")])
            drafted = await epochs.draft("scheduled")
            assert await epochs.draft("scheduled") == drafted == epochs.drafted()
            with pytest.raises(DraftExists):
                await epochs.draft("lost")
        async with circle.running() as (east, _):
            line, epochs = east.lines[circle.id], east.epochs(circle.id)
            with pytest.raises(WritesHalted, match="epoch adopt"):
                await line.write([circle.note("Second.")])
            assert await epochs.cancel() == 1
            await line.write([circle.note("Second.")])
            with pytest.raises(NoDraft):
                await epochs.cancel()
            assert epochs.drafted() is None

    run(scenario())


@pytest.mark.parametrize("cut", [0, 10_000])
def test_an_end_that_is_not_here_is_refused(run: Run[None], tmp_path: Path, cut: int) -> None:
    """And the node writes on: nothing was drafted."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await line.write([circle.note("First.")])
            with pytest.raises(EndUnknown):
                await east.epochs(circle.id).draft("compromised", cut=cut)
            await line.write([circle.note("Second.")])

    run(scenario())


def copy_database(folder: Path, copy: Path) -> None:
    """Copy the database of a running node."""
    with contextlib.closing(sqlite3.connect(folder / "node.sqlite3")) as database:
        database.execute(f"VACUUM INTO '{copy}'")


def put_back(copy: Path, folder: Path) -> None:
    """Put an older copy in the place of the database."""
    for old in folder.glob("node.sqlite3*"):
        old.unlink()
    shutil.copy(copy, folder / "node.sqlite3")


@pytest.mark.slow
def test_a_restored_node_recovers_and_goes_on(run: Run[None], tmp_path: Path) -> None:
    """It writes nothing in the old epoch, gets back what it lost, and goes on in a new one for good."""
    circle, copy = found(tmp_path), tmp_path / "copy"
    folder = circle.places[0].folder

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("First.")])).size)
            copy_database(folder, copy)
            size = (await line.write([circle.note("Second.")])).size
            await confirmed(line, size)
        put_back(copy, folder)
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            before = line.own.name
            with pytest.raises(WritesHalted, match="tocsin epoch draft"):
                await line.write([circle.note("Never.")])
            await until(lambda: (head := east.store.head(before)) is not None and head.size == size)
            opening = await adopted(circle, east, "lost")
            assert opening.previous is not None
            assert opening.previous.size == size
            await confirmed(line, (await line.write([circle.note("Third.")])).size)
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("Fourth.")])).size)

    run(scenario())


def test_a_circle_is_joined_later_with_its_events(run: Run[None], tmp_path: Path) -> None:
    """A burnt node has the circle and its new opening from elsewhere, and joins once, with its new keys."""
    circle = found(tmp_path)
    place = circle.places[0]

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await confirmed(east.lines[circle.id], 1)
            opening = await east.epochs(circle.id).draft("lost")
            keys = place.folder / "keys" / circle.id / "2"
            shutil.copytree(keys, tmp_path / "2")
            founded = north.lines[circle.id].circle
        shutil.rmtree(place.folder)
        (place.folder / "keys" / circle.id).mkdir(parents=True, mode=0o700)
        place.folder.chmod(0o700)
        event = signed(circle, opening)
        async with circle.running("north") as (north,), place.node() as east:
            with pytest.raises(Refusal, match="keys"):
                await east.join_later(founded, [event])
            shutil.copytree(tmp_path / "2", place.folder / "keys" / circle.id / "2")
            line = await east.join_later(founded, [event])
            await confirmed(line, (await line.write([circle.note("Back.")])).size)
            with pytest.raises(Refusal, match="new here"):
                await east.join_later(founded, [event])
            assert north.lines[circle.id].circle.by_slug["east"].log.epoch == 2

    run(scenario())


def test_two_openings_of_one_epoch_are_said_to_everybody(run: Run[None], tmp_path: Path) -> None:
    """Both rightly signed: neither counts, the node writes nothing, and all say what to do."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, north):
            await confirmed(east.lines[circle.id], 1)
            first = signed(circle, await east.epochs(circle.id).draft("scheduled"))
            await east.epochs(circle.id).cancel()
            second = signed(circle, await east.epochs(circle.id).draft("scheduled"))
            await north.lines[circle.id].take([first, second])
            await until(lambda: "disputed-epoch" in {trouble.code for trouble in north.health().troubles})
            await until(lambda: "writes-halted" in {trouble.code for trouble in east.health().troubles})
            (halted,) = (one for one in east.health().troubles if one.code == "writes-halted")
            assert "Next: " in halted.explanation

    run(scenario())


def test_old_keys_and_a_suspended_member_are_said(run: Run[None], tmp_path: Path) -> None:
    """Each with the next command; neither keeps the node from anything."""
    circle = found(tmp_path)

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line, now_ms = east.lines[circle.id], east.clock.wall_ms()
            assert list(troubles_of(line, now_ms + 364 * DAY_MS, 365)) == []
            (old,) = troubles_of(line, now_ms + 366 * DAY_MS, 365)
            assert (old.code, "`tocsin epoch draft`" in old.explanation) == ("keys-old", True)
            await line.suspend("north", "We call them.")
            (suspended,) = east.health().troubles
            assert suspended.code == "suspended"
            assert "`tocsin circle resume north`" in suspended.explanation

    run(scenario())


def test_an_epoch_that_was_lost_without_its_keys_stays_lost_with_them(run: Run[None], tmp_path: Path) -> None:
    """A node is restored without its keys: when they are put back, the old epoch is not written again."""
    circle, aside = found(tmp_path), tmp_path / "aside"
    folder = circle.places[0].folder

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("First.")])).size)
        (folder / "keys" / circle.id).rename(aside)
        shutil.rmtree(folder / "marker")
        async with circle.places[0].node() as east:
            assert east.lines == {}
        aside.rename(folder / "keys" / circle.id)
        async with circle.places[0].node() as east:
            line = east.lines[circle.id]
            with pytest.raises(WritesHalted, match="epoch draft --reason lost"):
                await line.write([circle.note("Never.")])
            assert all(not followed.may_be_confirmed for followed in line.following if followed.size)

    run(scenario())


def test_an_epoch_that_an_older_copy_does_not_know_stays_lost(run: Run[None], tmp_path: Path) -> None:
    """The marker names it: when the copy hears of it, it is not begun again."""
    circle, copy = found(tmp_path), tmp_path / "copy"
    folder = circle.places[0].folder

    async def scenario() -> None:
        async with circle.running() as (east, _):
            line = east.lines[circle.id]
            await confirmed(line, (await line.write([circle.note("First.")])).size)
            copy_database(folder, copy)
            event = signed(circle, await adopted(circle, east, "scheduled"))
            await confirmed(line, (await line.write([circle.note("Second.")])).size)
        put_back(copy, folder)
        async with circle.running("east") as (east,):
            line = east.lines[circle.id]
            await line.take([event])
            assert line.own.member.log.epoch == 2
            with pytest.raises(WritesHalted, match="epoch draft --reason lost"):
                await line.write([circle.note("Never.")])

    run(scenario())


def joining(
    circle: Founded,
    place: Place,
    key: SigningKey,
    title: str | None = None,
    held: Sequence[Checkpoint] = (),
) -> tuple[bytes, bytes]:
    """An amendment by which a place joins, and its opening; its keys lie in its folder."""
    founded = assemble(circle.text, circle.join_files)
    member = CharterMember(
        slug=place.slug,
        label="Desk upper",
        economy="TJ",
        organisation_key=key.verifying.encode(),
        observer=True,
        sponsors=("east",),
    )
    text = draft_amendment(founded, held, members=[*founded.charter.members, member], title=title)
    signatures = [sign_amendment(text, one) for one in (*circle.organisations.values(), key)]
    data = Folder.of(place.config)
    data.create()
    log = LogName(founded.domain, founded.id, place.slug, 1)
    opening = make_opening(
        data.begin_keys(log, CHANCE).member,
        key,
        Endpoint(url=place.config.wire.public, tls_spki_sha256=data.begin_keys(log, CHANCE).tls.pin),
        at_ms=CLOCK.wall_ms(),
        tlp="TLP:GREEN",
    )
    return sealed_amendment(text, signatures, founded.chain).encode(), opening


def test_who_joins_is_told_who_is_on_duty(run: Run[None], tmp_path: Path) -> None:
    """The card of before it joined is nothing for it: the same is published again, once."""
    circle, place = found(tmp_path), Place("upper", tmp_path / "upper", free_port())
    key = SigningKey.generate(organisation_name(DOMAIN, "upper"), SignatureType.ED25519, CHANCE)

    async def scenario() -> None:
        async with circle.running() as nodes:
            east, line = nodes[0], nodes[0].lines[circle.id]
            await until(lambda: not east.cards.publishing)
            size = (await line.write([circle.note("Before.")])).size
            head = east.store.head(line.own.name)
            assert head is not None
            cut = Checkpoint(line.own.name, size, head.root)
            async with place.node() as upper:
                other = await upper.join_later(line.circle, joining(circle, place, key, held=[cut]))
                await until(lambda: len(line.circle.members) == 3 and not east.cards.publishing)
                card = east.store.card_before(line.own.name, line.own.size)
                assert card is not None
                assert card >= size
                before = east.store.card_before(line.own.name, card)
                assert before is not None
                assert before < size
                await until(lambda: _held(other, line.own.name) > card)
                assert upper.store.card_before(line.own.name, line.own.size) == card

    run(scenario())


def _held(line: Line, log: str) -> int:
    followed = line.following.log(log)
    return followed.size if followed else 0


def test_a_node_that_the_circle_lists_no_more_goes_on_and_says_why(run: Run[None], tmp_path: Path) -> None:
    """The amendment by which it joined has a rival: it runs, starts, has what it held, and health says so."""
    circle, place = found(tmp_path), Place("upper", tmp_path / "upper", free_port())
    key = SigningKey.generate(organisation_name(DOMAIN, "upper"), SignatureType.ED25519, CHANCE)
    events, rival = joining(circle, place, key), joining(circle, place, key, "Another")[0]

    def check(upper: Node, held: int) -> None:
        line = upper.lines[circle.id]
        (halted,) = (one for one in upper.health().troubles if one.code == "writes-halted")
        assert "two versions 2 of the charter" in halted.explanation
        assert "Next: " in halted.explanation
        assert Shelf(line, upper.store).size(line.own.name) == line.own.size == held
        assert line.own.name in Shelf(line, upper.store).logs
        assert upper.metrics()

    async def scenario() -> None:
        async with circle.running() as nodes:
            founded = nodes[0].lines[circle.id].circle
            async with place.node() as upper:
                line = await upper.join_later(founded, events)
                await until(lambda: not upper.cards.publishing)
                held = (await line.write([circle.note("First.")])).size
                await confirmed(line, held, by=2)
                await line.take([rival])
                check(upper, held)
                await until(lambda: nodes[0].lines[circle.id].circle.frozen is not None)
        shutil.rmtree(place.folder / "marker")
        async with place.node() as upper:
            check(upper, held)
            assert line.own.name in Kept(circle.id, upper.store, upper.committer).lost.all

    run(scenario())


def test_the_end_of_a_log_that_was_got_back_by_its_end_is_known(lines: Lines, tmp_path: Path) -> None:
    """Its one checkpoint is by another key: what is here of the log is its end."""
    ash = got_back(lines)
    folder, clock, chance = Folder(tmp_path, tmp_path), VirtualClock(lines.loop), SeededChance(1, "epochs")
    epochs = Epochs(ash.line, folder, ash.store, clock, chance, "https://ash.example:8443")
    drafted = lines.run(epochs.draft("lost"))
    assert drafted.previous is not None
    assert drafted.previous.size == ash.store.edge(ash.log).size
