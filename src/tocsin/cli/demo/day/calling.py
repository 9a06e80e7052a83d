"""A call by telephone: two desks read six digits to each other. Who has but the voice has not the digits."""

from collections.abc import Iterable

from tocsin.circles.founding.circle import Circle
from tocsin.cli.demo.screen import INSET, Facts, Screen
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.cast import GARAM, MINATO, Organisation
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import bad, faint, good, strong
from tocsin.core.phone import MINUTE_MS, Pair, PhoneKey, PhoneSecret, grouped, spoken
from tocsin.core.tlog.tree import MAX_SIZE
from tocsin.node.card import newest_card
from tocsin.node.phoning.calls import Phone
from tocsin.node.phoning.types import PhoneCall

_SPOKEN_IN = "en"


class Called(Facts, frozen=True, kw_only=True, tag="phone"):
    """Two desks in a call: what each node has its officer read, and what it expects of the other side.

    Whoever was called reads first; `expected_by_caller` is of three minutes, since clocks differ.
    """

    caller: str
    called: str
    called_reads: str
    expected_by_caller: list[str]
    caller_reads: str
    expected_by_called: str
    impostor_reads: str

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "A phone call", "what both read fits; what an impostor reads does not"


async def show_call(stage: Stage, screen: Screen, circle: Circle) -> None:
    """Scene: Garam calls Minato; then somebody does who only sounds like it."""
    screen.headline("A voice on the telephone")
    await screen.look(*looks.CALL)
    now_ms = stage.clock.wall_ms()
    theirs, ours = (_call(stage, circle, *two, now_ms) for two in ((MINATO, GARAM), (GARAM, MINATO)))
    called = theirs.called.sets
    expected = {minute.sets.theirs: minute.sets.ours for minute in ours.calling}
    answer = expected.get(called.ours)
    if answer != called.theirs:
        raise DidNotHappen("Expected both desks to read what the other one expects, found that they do not.")
    screen.say(
        f"{GARAM.name} calls {MINATO.name} about what it has seen. Voices can be made: so whoever was called "
        "reads six digits first, and the caller answers with six others. Each sees what the other must read."
    )
    screen.line()
    _show(screen, MINATO.name, "reads", called.ours, (good("fits"), f"what {GARAM.name}'s screen has"))
    await screen.pause(3)
    _show(screen, GARAM.name, "answers", answer, (good("fits"), f"what {MINATO.name}'s screen has"))
    await screen.pause(3)
    impostor = _impostor(stage, circle, now_ms)
    screen.line()
    screen.happens(f"Somebody else calls {MINATO.name}, with {GARAM.name}'s voice")
    screen.line(faint(f"and with a key of its own, in {GARAM.name}'s name, which is on nobody's card"), INSET)
    _show(screen, MINATO.name, "reads", called.ours, ())
    _show(
        screen,
        f"“{GARAM.name}”",
        "answers",
        impostor,
        (bad("does not fit"), f"it should be {grouped(called.theirs)}"),
    )
    if impostor == called.theirs:
        raise DidNotHappen("Expected an impostor not to guess one set in a million, found that it did.")
    screen.line()
    screen.say(f"{MINATO.name} ends the call, and calls back at a number that it knows.")
    screen.facts(
        Called(
            caller=GARAM.slug,
            called=MINATO.slug,
            called_reads=called.ours,
            expected_by_caller=list(expected),
            caller_reads=answer,
            expected_by_called=called.theirs,
            impostor_reads=impostor,
        )
    )
    await screen.pause(4)


def _call(stage: Stage, circle: Circle, desk: Organisation, other: Organisation, now_ms: int) -> PhoneCall:
    """The call with another as that desk's node shows it."""
    node = stage.desks[desk.slug].node
    return Phone(node.lines[circle.id], node.folder, node.store).call(other.slug, now_ms)


def _impostor(stage: Stage, circle: Circle, now_ms: int) -> str:
    """What somebody can work out who has Minato's card, and not Garam's key."""
    store, log = stage.desks[GARAM.slug].node.store, circle.by_slug[MINATO.slug].log
    card = newest_card(store, str(log), MAX_SIZE)
    if card is None or card.phone is None:
        raise DidNotHappen(f"Expected a key for calls on {MINATO.name}'s card, found none.")
    secret = PhoneSecret.generate(circle.by_slug[GARAM.slug].log, stage.chance)
    minute = now_ms // MINUTE_MS
    return Pair.of(secret, PhoneKey.parse(log, card.phone)).at(minute, called=False).ours


def _show(screen: Screen, who: str, does: str, digits: str, found: Iterable[str]) -> None:
    """One line: who reads what, and how that is found at the other end."""
    told = f"{strong(grouped(digits))}  {faint(spoken(digits, _SPOKEN_IN))}"
    screen.line(f"{strong(f'{who:<8}')} {does:<10} {told}", INSET)
    if words := "  ".join(found):
        screen.line(f"{'':<19} {words}", INSET)
