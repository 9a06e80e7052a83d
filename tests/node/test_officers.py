"""Keys of officers that were made in browsers: who waits, who stands on the card, and for how long."""

from pathlib import Path

import pytest
from tests.node.conftest import Run
from tests.node.nodes import CHANCE, found, until

from tocsin.circles.line import Line
from tocsin.core.errors import MalformedKey, Refusal
from tocsin.core.keys import SignatureType, SigningKey
from tocsin.core.names import LogName
from tocsin.core.records import Card
from tocsin.core.records.card import MAX_OFFICERS
from tocsin.node.card import newest_card
from tocsin.node.card.officers import MOST_OF_ONE, OfficerKey, TooManyKeys, UnknownKey
from tocsin.node.node import Node


def _key(name: str, type_: SignatureType = SignatureType.ED25519) -> str:
    return SigningKey.generate(name, type_, CHANCE).verifying.encode()


def _made(vkey: str, person: str = "aru", at_ms: int = 1) -> OfficerKey:
    return OfficerKey(vkey=vkey, person=person, name="Aru", made_at_ms=at_ms)


def _card(node: Node, line: Line) -> Card | None:
    return newest_card(node.store, line.own.name, line.own.size)


def _listed(node: Node, line: Line) -> list[str]:
    card = _card(node, line)
    return [officer.key for officer in card.officers] if card else []


async def _on_card(node: Node, line: Line, *vkeys: str) -> None:
    await until(lambda: set(_listed(node, line)) == set(vkeys) and _card(node, line) is not None)


def test_a_key_counts_from_when_it_is_put_on_the_card(tmp_path: Path, run: Run[None]) -> None:
    """One that waits stands nowhere; put on, it stands beside those of the configuration; taken off, not."""

    async def story() -> None:
        circle = found(tmp_path)
        log = LogName("loopback.example", circle.id, "east", 1)
        configured, made = _key(log.officer("night")), _key(log.officer("duty"))
        circle.places[0].more = f'officers = ["{configured}"]'
        async with circle.running("east") as (node,):
            line = node.lines[circle.id]
            await node.officers.register(_made(made))
            await _on_card(node, line, configured)

            await node.officers.put_on(made, by="Admin", at_ms=2)
            await _on_card(node, line, configured, made)
            assert _listed(node, line) == [configured, made]

            await node.officers.remove(made)
            await _on_card(node, line, configured)

    run(story())


def test_what_is_on_the_card_outlives_a_start(tmp_path: Path, run: Run[None]) -> None:
    """The card is not published anew for it, and does not lose it."""

    async def story() -> None:
        circle = found(tmp_path)
        made = _key(LogName("loopback.example", circle.id, "east", 1).officer("duty"))
        async with circle.running("east") as (node,):
            await node.officers.register(_made(made))
            await node.officers.put_on(made, by="Admin", at_ms=2)
            await _on_card(node, node.lines[circle.id], made)
            size = node.lines[circle.id].own.size
        async with circle.running("east") as (node,):
            await until(lambda: not node.cards.publishing)
            assert _listed(node, node.lines[circle.id]) == [made]
            assert node.lines[circle.id].own.size == size

    run(story())


def test_a_key_of_another_log_stands_on_no_card(tmp_path: Path, run: Run[None]) -> None:
    """Of an earlier epoch, another circle or another member: its name says which log it is for."""

    async def story() -> None:
        circle = found(tmp_path)
        own = LogName("loopback.example", circle.id, "east", 1)
        others = [
            LogName("loopback.example", circle.id, "east", 2),
            LogName("loopback.example", circle.id, "north", 1),
            LogName("loopback.example", "0" * 64, "east", 1),
        ]
        async with circle.running("east") as (node,):
            made = _key(own.officer("duty"))
            for vkey in [*(_key(log.officer("duty")) for log in others), made]:
                await node.officers.register(_made(vkey))
                await node.officers.put_on(vkey, by="Admin", at_ms=2)
            await _on_card(node, node.lines[circle.id], made)

    run(story())


def test_a_card_holds_sixty_four(tmp_path: Path, run: Run[None]) -> None:
    """Another one is refused when it is put on, with those of the configuration counted in."""

    async def story() -> None:
        circle = found(tmp_path)
        log = LogName("loopback.example", circle.id, "east", 1)
        async with circle.running("east") as (node,):
            vkeys = [_key(log.officer("duty")) for _ in range(MAX_OFFICERS)]
            for number, vkey in enumerate(vkeys):
                await node.officers.register(_made(vkey, person=f"person-{number}"))
            with pytest.raises(TooManyKeys):
                await node.officers.put_on(vkeys[0], by="Admin", at_ms=2, besides=MAX_OFFICERS)
            for vkey in vkeys[:-1]:
                await node.officers.put_on(vkey, by="Admin", at_ms=2, besides=1)
            with pytest.raises(TooManyKeys):
                await node.officers.put_on(vkeys[-1], by="Admin", at_ms=2, besides=1)
            await _on_card(node, node.lines[circle.id], *vkeys[:-1])

    run(story())


def test_one_person_cannot_fill_the_list(tmp_path: Path, run: Run[None]) -> None:
    """So many keys wait for one person; others still can register theirs."""

    async def story() -> None:
        circle = found(tmp_path)
        log = LogName("loopback.example", circle.id, "east", 1)
        async with circle.running("east") as (node,):
            for _ in range(MOST_OF_ONE):
                await node.officers.register(_made(_key(log.officer("duty"))))
            with pytest.raises(TooManyKeys):
                await node.officers.register(_made(_key(log.officer("duty"))))
            await node.officers.register(_made(_key(log.officer("duty")), person="bo"))

    run(story())


def test_a_key_stays_whose_it_was_first(tmp_path: Path, run: Run[None]) -> None:
    """Nobody takes a key over by registering it again, nor has it put on the card by saying so."""

    async def story() -> None:
        circle = found(tmp_path)
        vkey = _key(LogName("loopback.example", circle.id, "east", 1).officer("duty"))
        async with circle.running("east") as (node,):
            await node.officers.register(
                OfficerKey(vkey=vkey, person="aru", name="Aru", made_at_ms=1, on_card_by="nobody")
            )
            await node.officers.register(_made(vkey, person="bo"))
            (key,) = node.officers.all()
            assert (key.person, key.on_card_by) == ("aru", None)

    run(story())


def test_what_no_officer_can_have_is_refused(tmp_path: Path, run: Run[None]) -> None:
    """The names of the node's own keys, a key for cosignatures, and what is not there."""

    async def story() -> None:
        circle = found(tmp_path)
        log = LogName("loopback.example", circle.id, "east", 1)
        async with circle.running("east") as (node,):
            for vkey in (_key(log.holder), _key(str(log)), _key("duty")):
                with pytest.raises(Refusal):
                    await node.officers.register(_made(vkey))
            with pytest.raises(MalformedKey):
                await node.officers.register(_made(_key(log.officer("duty"), SignatureType.COSIGNATURE)))
            for act in (node.officers.remove, lambda one: node.officers.put_on(one, by="x", at_ms=1)):
                with pytest.raises(UnknownKey):
                    await act(_key(log.officer("duty")))
            assert node.officers.all() == []

    run(story())


def test_an_account_that_goes_takes_its_keys_along(tmp_path: Path, run: Run[None]) -> None:
    """All of them, those on a card too; those of others stay."""

    async def story() -> None:
        circle = found(tmp_path)
        log = LogName("loopback.example", circle.id, "east", 1)
        ours, theirs = _key(log.officer("duty")), _key(log.officer("duty"))
        async with circle.running("east") as (node,):
            await node.officers.register(_made(ours))
            await node.officers.register(_made(theirs, person="bo"))
            for vkey in (ours, theirs):
                await node.officers.put_on(vkey, by="Admin", at_ms=2)
            await _on_card(node, node.lines[circle.id], ours, theirs)

            await node.officers.remove_all_of("aru")
            await _on_card(node, node.lines[circle.id], theirs)

    run(story())
