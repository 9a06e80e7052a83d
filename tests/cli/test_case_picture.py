"""How a case looks on a terminal."""

from typing import Any

import click
import pytest
from tests.cases.charters import charter
from tests.cases.picture.contexts import Contexts

from tocsin.cases.delivery import Delivery, Due
from tocsin.cases.picture import CaseView, view
from tocsin.cli.cases.looking.picture import Desk, picture
from tocsin.cli.terminal import width
from tocsin.core.keys import encode_base64
from tocsin.core.records import (
    Acknowledgement,
    Actor,
    Answer,
    Ask,
    Attachment,
    CaseRecord,
    Certificate,
    Closing,
    Correction,
    GroundTruth,
    Hypothesis,
    Moment,
    OperatorPosition,
    Probability,
    Reading,
    Ref,
    Report,
    Source,
    System,
    Translation,
    Withdrawal,
)
from tocsin.core.views import Party, Said
from tocsin.node.api.types import ErasedBy

CIRCLE = "c" * 64
DAY_MS = 1_684_764_000_000
NOW_MS = DAY_MS + 3_600_000
MEMBERS = ("ash", "birch", "cedar", "dune")
PAGE = Source(kind="website", locator="https://news.example/1", obtained="published")
CAMERA = Source(kind="sensor", locator="camera 7 at the harbour", obtained="first-hand")

TERMS = charter(
    CIRCLE,
    (
        Party(slug, slug.title(), economy)
        for slug, economy in zip(MEMBERS, ("KR", "JP", "SG", "TW"), strict=True)
    ),
    acknowledge_within_minutes=30,
    answer_within_minutes=240,
)


def ref(member: str, index: int) -> Ref:
    """A record's place."""
    entry = encode_base64(f"{member}{index}".encode().ljust(32, b"."))
    return Ref(log=f"line.example/{CIRCLE}/{member}/1", index=index, entry=entry)


class Story:
    """What members said of one case, one after the other, a minute apart."""

    def __init__(self) -> None:
        self.said: list[Said[CaseRecord]] = []
        self._sizes = dict.fromkeys(MEMBERS, 1)

    def say(self, member: str, kind: type[Any], **fields: Any) -> Ref:  # noqa: ANN401 - of any kind
        """One record more."""
        at = ref(member, self._sizes[member])
        self._sizes[member] += 1
        if self.said:
            fields.setdefault("case", self.case)
        common = {"author": "duty-officer", "author_kind": "officer", "tlp": "TLP:GREEN", "circle": CIRCLE}
        record = kind(**common | {"at_ms": DAY_MS + len(self.said) * 60_000} | fields)
        self.said.append(Said(ref=at, member=member, record=record))
        return at

    @property
    def case(self) -> Ref:
        """The case."""
        return self.said[0].ref

    def view(self) -> CaseView:
        """What is known of it."""
        return view(self.case, self.said, TERMS, Contexts())


def story() -> Story:
    """An incident that three answer of whom two repeat, and one sees for itself."""
    told = Story()
    case = told.say(
        "ash",
        Report,
        summary="연기가 보인다. \x1b[2J A picture of an explosion beside a large building circulates.",
        lang="ko",
        event="incident",
        severity="serious-incident",
        relation="intentional-misuse",
        harms=("economic", "public-interest"),
        economies=("KR",),
        systems=(System(name="Harbour Pilot", version="4.1"),),
        moments=(Moment(clock="occurred", asserted_by="press", at_ms=DAY_MS, precision="hour", name="News"),),
        sources=(PAGE,),
    )
    ask = told.say("ash", Ask, questions=("seen", "times"), wanted_by_ms=DAY_MS + 7_200_000)
    told.say("birch", Answer, ask=ask, seen="seen", sources=(PAGE,), count="2-10")
    told.say("cedar", Answer, ask=ask, seen="seen", sources=(Source(kind="record", record=case),))
    told.say("birch", Acknowledgement, of=(case,))
    wrong = told.say("cedar", Report, sources=(CAMERA,), severity="incident", summary="Wrong.", lang="en")
    told.say("cedar", Withdrawal, of=(wrong,), reason="mistaken")
    told.say("dune", Withdrawal, of=(case,), reason="not-ours")
    told.say("ash", Correction, of=case, severity="incident")
    return told


def shown(told: Story, most: int = 50) -> str:
    """The case as it is shown, without styles."""
    return click.unstyle("\n".join(picture(told.view(), None, NOW_MS, most, Desk("ash"))))


def test_corroboration_counts_sources_and_not_replies() -> None:
    """Who repeats is shown as that, and adds nothing; the next who looks for itself does."""
    told = story()
    words = shown(told)
    assert "Corroboration · not corroborated" in words
    assert "2 replies, 1 independent source, on the word of 1 organisation in 1 economy" in words
    assert "cited by ash, birch; repeated by cedar" in words
    told.say("dune", Answer, ask=told.said[1].ref, seen="seen", sources=(CAMERA,))
    words = " ".join(shown(told).split())
    assert "Corroboration · corroborated" in words
    assert "3 replies, 2 independent sources, on the word of 2 organisations in 2 economies" in words
    assert "cited by dune; nobody else can check it" in words


def test_what_does_not_count_is_shown_with_the_reason() -> None:
    """Nothing vanishes: not what was corrected or withdrawn, and not what nobody may say."""
    words = shown(story())
    assert "report by duty-officer · TLP:GREEN · corrected\n" in words
    assert "corrected by ash.1.3" in words
    assert "cedar.1.2 report by duty-officer · TLP:GREEN · withdrawn" in words
    assert "dune.1.1 withdrawal by duty-officer · TLP:GREEN · does not count" in words
    assert "it corrects or withdraws what another organisation wrote (ash.1.1)" in words
    assert "severity      incident (ash)" in words


def test_an_ask_names_who_has_not_answered() -> None:
    """And until when that is wanted."""
    words = shown(story())
    assert "ash.1.2 by ash, 14:01:00 UTC" in words
    assert "dune   no answer yet" in words
    assert "birch  seen, 2 to 10 times · 14:02:00 UTC · birch.1.1\n" in words
    assert "cedar  seen · 14:03:00 UTC · cedar.1.1\n" in words


def test_a_closed_case_says_how_it_ended_for_whom() -> None:
    """Contested, if they do not agree."""
    told = story()
    told.say("ash", Closing, outcome="false-alarm")
    assert "Case ash.1.1 · closed: false alarm" in shown(told)
    told.say("birch", Closing, outcome="incident")
    words = shown(told)
    assert "Case ash.1.1 · contested" in words
    assert "by ash, 14:09:00 UTC: false alarm" in words
    assert "by birch, 14:10:00 UTC: incident" in words


def test_what_came_into_a_closed_case_is_said() -> None:
    """How much in the first line, which records beside the closings, and each record for itself."""
    told = Story()
    told.say("ash", Report, sources=(PAGE,))
    told.say("ash", Closing, outcome="false-alarm")
    assert "since" not in shown(told)
    for _ in range(11):
        told.say("birch", Report, sources=(CAMERA,))
    words = shown(told)
    assert "Case ash.1.1 · closed: false alarm; 11 since · opened" in words
    named = " ".join(words.partition("came in since ash closed it: ")[2].partition("\n\n")[0].split())
    assert named == ", ".join(f"birch.1.{n}" for n in range(1, 11)) + " and 1 more"
    assert words.count("report by duty-officer · TLP:GREEN · since the closing\n") == 11
    told.say("birch", Closing, outcome="incident")
    assert "Case ash.1.1 · contested; 11 since · opened" in shown(told)


def test_of_a_long_case_the_newest_records_are_shown() -> None:
    """And how to see the rest."""
    told = story()
    for _ in range(20):
        told.say("birch", Report, sources=(CAMERA,))
    words = shown(told, most=3)
    assert "26 earlier ones: --records 29" in words
    assert words.count("report by") == 3


def test_what_an_operator_says_stands_above_the_records() -> None:
    """With whose word it is that they say so; not, if that was withdrawn."""
    told = story()
    position = {"operator": "Harbour Authority", "role": "deployer", "position": "disputes"}
    said = told.say("ash", OperatorPosition, **position)
    head = shown(told).partition("\nRecords")[0]
    assert "Operators say\n  • Harbour Authority (deployer): disputes, as ash has written down\n" in head
    told.say("ash", Withdrawal, of=(said,), reason="mistaken")
    assert "Operators say" not in shown(told)


def test_what_it_was_stands_above_the_records() -> None:
    """Likelihood, confidence, ground and who did it each by itself; not, if that was withdrawn."""
    told = story()
    named = told.say("birch", Hypothesis, under="attack", text="A stolen key.", lang="en")
    likely = (
        Probability(what="accident", permille=200),
        Probability(what="undetermined", permille=175),
        Probability(hypothesis=named, permille=625),
    )
    said = told.say(
        "ash",
        Reading,
        probabilities=likely,
        confidence="moderate",
        sources=(PAGE, CAMERA),
        who=(Actor(name="Thieves", permille=300),),
    )
    told.say("cedar", GroundTruth, what="attack", hypothesis=named)
    head = shown(told).partition("\nRecords")[0].partition("\nWhat it was")[2].splitlines()
    assert head[0] == " · as each organisation reads it"
    text = " ".join(" ".join(head).split())
    assert head[1].startswith("  • cedar (")
    assert f"in the end it was attack ({named} (“A stolen key.”))" in text
    assert f": {named} (“A stolen key.”) 62.5 %, accident 20 %, undetermined 17.5 %" in text
    assert "    Confidence in that: moderate" in head
    assert "    Rests on: https://news.example/1, camera 7 at the harbour" in head
    assert "which nobody merges: Thieves 30 %" in text
    assert f"• {named}, birch (" in text
    assert head[-1] == "    │ A stolen key."
    told.say("ash", Withdrawal, of=(said,), reason="mistaken")
    assert "62.5 %" not in shown(told).partition("\nRecords")[0]


def test_a_hash_stands_in_one_piece() -> None:
    """On a terminal of 80 columns it fits into a line, to be copied."""
    told = Story()
    picture_of = Attachment(sha256="ab" * 32, size_bytes=4_813, media_type="image/jpeg", name="pic.jpg")
    told.say("ash", Report, sources=(PAGE,), attachments=(picture_of,))
    lines = shown(told).splitlines()
    assert f"{' ' * 16}{'ab' * 32}" in lines
    assert "            Attachments: pic.jpg (image/jpeg, 4.7 KiB), SHA-256" in lines


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_lines_fit_and_do_nothing(monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    """Whatever a member wrote is shown, in the width that there is, and not obeyed."""
    monkeypatch.setenv("COLUMNS", str(columns))
    told = story()
    told.say("ash", Closing, outcome="undetermined")
    told.say("birch", Report, sources=(CAMERA,))
    words = shown(told)
    assert max(map(width, words.splitlines())) <= columns
    assert not set("\x1b\x07\r") & set(words)
    assert "⟨U+001B⟩[2J" in words


def test_what_a_member_wrote_is_not_taken_for_what_the_node_says() -> None:
    """Each line of it has its mark, whatever is written there, and wherever it is wrapped."""
    told = Story()
    forged = "Hello\nreceived by all\nan officer is aware: birch (duty, signed)"
    spaces = "\u00a0" * 90
    told.say("ash", Report, summary=forged, lang="en", sources=(PAGE,))
    told.say(
        "birch",
        Report,
        summary=f"{spaces}received by all",
        lang="en",
        systems=(System(name=f"X\n  received by all\n{spaces}received by all"),),
        sources=(Source(kind="website", locator="x " * 60 + "\nreceived by all", obtained="published"),),
    )
    told.say("ash", Ask, questions=("seen",), text=forged, lang="en")
    lines = shown(told).splitlines()
    assert sum("received by all" in line for line in lines) > 5
    for line in lines:
        if line.strip().startswith(("received by all", "an officer is aware")):
            # No line of ours stands as far in as a field that goes on.
            assert len(line) - len(line.lstrip()) in (6, 16)


def test_what_this_desk_owes_stands_first_with_its_commands() -> None:
    """An answer for each ask that waits for it, one acknowledgement of the rest; of others nothing."""
    told = story()
    view = told.view()
    case, ask = told.case, told.said[1].ref
    dues = (
        Due(of=ask, member="dune", due="answer", state="overdue", due_by_ms=DAY_MS),
        Due(of=case, member="dune", due="acknowledgement", state="open"),
        Due(of=ask, member="dune", due="acknowledgement", state="open"),
        Due(of=case, member="birch", due="answer", state="open"),
        Due(of=case, member="dune", due="answer", state="done"),
    )
    delivered = Delivery(case=case, now_ms=NOW_MS, records=(), dues=dues)
    words = click.unstyle("\n".join(picture(view, delivered, NOW_MS, 50, Desk("dune"))))
    turn = words.partition("Your turn")[2].partition("Corroboration")[0]
    assert f"tocsin case answer {ask} seen|not-seen|cannot-tell|may-not-say" in turn
    assert f"tocsin case ack {case} {ask}" in turn
    assert turn.count("tocsin case") == 2
    others = click.unstyle("\n".join(picture(view, delivered, NOW_MS, 50, Desk("ash"))))
    assert "Your turn" not in others


def test_a_case_is_told_in_the_language_of_the_desk() -> None:
    """If somebody translated it, who says so; and the words that were written, beside that."""
    told = Story()
    english = Translation(lang="en", by="duty", by_kind="officer", text="Smoke is seen.")
    certificate = Certificate(number="KC-2026-17", issuer="KTR")
    told.say(
        "ash",
        Report,
        summary="연기가 보인다.",
        lang="ko",
        translations=(english,),
        systems=(System(name="Pilot", certificates=(certificate,)),),
        sources=(PAGE,),
    )
    head = shown(told).partition("Corroboration")[0]
    assert "in en, translated by duty (officer):\n  │ Smoke is seen.\n  │ 연기가 보인다." in head
    assert "Pilot, certificate KC-2026-17 by KTR" in shown(told)


def test_a_case_without_its_first_report_says_whose_order_that_was() -> None:
    """And what others said in it stays to be read."""
    told = story()
    case = told.case
    remaining = view(case, [said for said in told.said if said.ref != case], TERMS, Contexts())
    erased = ErasedBy(
        log=case.log, index=9, at_ms=NOW_MS, ordered_by="Data officer", reason="The law.", kept=False
    )
    words = click.unstyle("\n".join(picture(remaining, None, NOW_MS, 50, Desk("ash"), erased=erased)))
    assert "erased on order of Data officer (no. 9 of ash)" in " ".join(words.split())
    assert "birch.1.1 answer" in words


def test_an_ask_of_a_stranger_is_not_said_to_be_answered() -> None:
    """Whoever is no member is named, and whatever others answer besides, nobody of the circle was asked."""
    told = Story()
    told.say("ash", Report, sources=(PAGE,))
    ask = told.say("ash", Ask, questions=("seen",), to=("willow",))
    told.say("birch", Answer, ask=ask, seen="not-seen")
    words = shown(told)
    assert "nobody of this circle was asked" in words
    assert "no member: willow" in words
    assert "answered by all" not in words
