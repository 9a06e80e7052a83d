"""The state of a circle: what each event does, and that nothing but the set of events matters."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.circles.changes import (
    ALL,
    FOUNDED,
    NEW,
    OLD,
    P,
    amended,
    changed_member,
    joining,
    keys_of,
    leaving,
    log_of,
    opening,
    organisation,
    removal,
    root_of,
    with_key,
)
from tests.circles.party import note_record, party

from tocsin.circles.changing.events import event_id
from tocsin.circles.changing.fold import changed, check_event
from tocsin.circles.changing.known import Known
from tocsin.circles.errors import (
    DrillAtLive,
    MalformedCharter,
    MalformedEvent,
    NonMember,
    NothingNew,
    WrongPredecessor,
)
from tocsin.circles.founding.charter import Cut
from tocsin.circles.founding.circle import Circle, End, Member, void_from
from tocsin.circles.founding.joining import decode_circle, encode_circle
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.core.errors import BadSignature, Refusal
from tocsin.core.keys import SigningKey, encode_base64
from tocsin.core.note import sign_note
from tocsin.core.records import sign_record
from tocsin.core.records.errors import WrongCircle
from tocsin.core.tlog.tree import MAX_SIZE

ASH_2, ASH_3 = opening("ash", 2), opening("ash", 3, size=12)
ASH_2_AGAIN = opening("ash", 2, size=9, seed=2)
CEDAR_LEAVES = leaving("cedar")
NEW_KEY = amended(
    FOUNDED,
    ["birch", "cedar", "date", NEW["ash"]],
    members=with_key(FOUNDED, "ash", NEW["ash"]),
)
RENAMED = amended(FOUNDED, ALL, title="Harbour and river")
WITH_NEW_KEY = changed(FOUNDED, [NEW_KEY])


def at(circle: Circle, slug: str, epoch: int) -> Member:
    """A member in one epoch."""
    return circle.by_log[str(log_of(slug, epoch))]


def test_without_events_a_circle_is_as_it_was_founded() -> None:
    """Nothing that happens is nothing that changes."""
    assert changed(FOUNDED, []) == FOUNDED


def test_an_opening_begins_an_epoch_and_ends_the_one_before() -> None:
    """New keys sign from there on; of the log before, only its end is stated."""
    circle = changed(FOUNDED, [ASH_2])
    new, old = circle.by_slug["ash"], at(circle, "ash", 1)

    assert (new.log, new.request_key) == (log_of("ash", 2), keys_of("ash", 2).request.verifying)
    assert (old, old.end) == (circle.past[0], End(10, root_of("ash", 1, 10), exact=True))
    assert (void_from(old), void_from(new)) == (10, None)
    assert old.request_key.name not in circle.request_keys
    assert {old.log_key.name, new.log_key.name} <= circle.log_keys.keys()
    assert {old.holder_key.name, new.holder_key.name} <= circle.holder_keys.keys()
    assert circle.by_key[old.witness_key.name] is old


def test_of_a_lost_log_the_end_is_the_least() -> None:
    """Who lost its log cannot say how long it was: more of it, found later, is authentic."""
    circle = changed(FOUNDED, [opening("ash", 2, reason="lost")])

    assert at(circle, "ash", 1).end == End(10, root_of("ash", 1, 10), exact=False)
    assert void_from(at(circle, "ash", 1)) is None


@pytest.mark.parametrize("reason", ["compromised", "fork"])
def test_for_every_other_reason_it_is_exact(reason: str) -> None:
    """What a thief wrote beyond the end, and the branch that was not taken, is void."""
    circle = changed(FOUNDED, [opening("ash", 2, reason=reason)])

    assert void_from(at(circle, "ash", 1)) == 10


def test_an_epoch_counts_when_those_before_it_are_known() -> None:
    """The third epoch waits for the second."""
    assert changed(FOUNDED, [ASH_3]) == FOUNDED
    assert changed(FOUNDED, [ASH_3, ASH_2]).by_slug["ash"].log == log_of("ash", 3)


def test_two_openings_of_one_epoch_dispute_it() -> None:
    """Neither counts, the epoch before goes on no more, and nobody is answered in the member's name."""
    circle = changed(FOUNDED, [ASH_2, ASH_2_AGAIN, ASH_3])
    ash = circle.by_slug["ash"]

    assert (ash.log, ash.disputed, ash.end) == (log_of("ash", 1), True, None)
    assert ash.request_key.name not in circle.request_keys
    assert circle.past == ()


def test_an_amendment_settles_a_disputed_epoch() -> None:
    """It names the opening that counts, and that is the one."""
    disputed = changed(FOUNDED, [ASH_2, ASH_2_AGAIN])
    root = root_of("ash", 2, 3)
    cut = Cut(
        log=str(log_of("ash", 2)),
        size=3,
        root=encode_base64(root),
        openings=(event_id(ASH_2_AGAIN).hex(),),
    )
    settles = amended(disputed, ["birch", "cedar", "date"], cuts=[cut])

    circle = changed(FOUNDED, [ASH_2, settles, ASH_2_AGAIN])

    assert (circle.by_slug["ash"].opening, circle.by_slug["ash"].disputed) == (ASH_2_AGAIN, False)
    waiting = changed(FOUNDED, [ASH_2, settles]).by_slug["ash"]
    assert (waiting.log, waiting.end) == (log_of("ash", 1), None)


def test_a_replaced_organisation_key_opens_nothing_beyond_the_cut() -> None:
    """Whoever stole the old key ends with it, also where it was used before; the new key opens the epoch."""
    stolen = opening("ash", 2, seed=3)
    assert changed(FOUNDED, [stolen]).by_slug["ash"].opening == stolen

    assert changed(FOUNDED, [stolen, NEW_KEY]).by_slug["ash"].log == log_of("ash", 1)
    genuine = opening("ash", 2, NEW["ash"])
    circle = changed(FOUNDED, [stolen, NEW_KEY, genuine])
    assert (circle.by_slug["ash"].opening, circle.by_slug["ash"].disputed) == (genuine, False)


def test_a_replaced_organisation_key_disputes_nothing_below_the_cut() -> None:
    """The cut names the openings below it: a second one, signed with the old key, comes too late."""
    before = changed(FOUNDED, [ASH_2])
    replaced = amended(
        before,
        ["birch", "cedar", "date", NEW["ash"]],
        members=with_key(before, "ash", NEW["ash"]),
    )

    circle = changed(FOUNDED, [ASH_2, replaced, ASH_2_AGAIN])

    assert circle == changed(FOUNDED, [ASH_2, replaced])
    assert (circle.by_slug["ash"].opening, circle.by_slug["ash"].disputed) == (ASH_2, False)


def test_a_replaced_organisation_key_does_not_leave() -> None:
    """Only the key of the newest version says that the member is gone."""
    by_thief, by_member = leaving("ash"), leaving("ash", key=NEW["ash"], size=30)

    assert "ash" in changed(FOUNDED, [NEW_KEY, by_thief]).by_slug
    assert "ash" not in changed(FOUNDED, [NEW_KEY, by_thief, by_member]).by_slug


def test_who_leaves_is_gone_at_once() -> None:
    """Its log ends where it says, its keys are known for what they signed, and it is asked nothing."""
    circle = changed(FOUNDED, [CEDAR_LEAVES])
    cedar = at(circle, "cedar", 1)

    assert "cedar" not in circle.by_slug
    assert (circle.left, circle.leavings) == (frozenset({"cedar"}), (CEDAR_LEAVES,))
    assert (cedar, cedar.end) == (circle.past[0], End(20, root_of("cedar", 1, 20), exact=True))
    assert cedar.request_key.name not in circle.request_keys
    assert cedar.log_key.name in circle.log_keys


def test_who_leaves_an_epoch_has_none_after_it() -> None:
    """An opening beyond the leaving counts as little as what it would begin."""
    later = leaving("ash", 2, 5)

    assert changed(FOUNDED, [ASH_2, leaving("ash"), ASH_3]).past == changed(FOUNDED, [leaving("ash")]).past
    assert changed(FOUNDED, [later]) == FOUNDED
    gone = changed(FOUNDED, [later, ASH_2])
    assert [(member.log.epoch, member.end) for member in gone.past] == [
        (1, End(10, root_of("ash", 1, 10), exact=True)),
        (2, End(5, root_of("ash", 2, 5), exact=True)),
    ]


def test_two_leavings_leave_open_where_the_log_ends() -> None:
    """The member is gone all the same; the same end said twice is said once."""
    circle = changed(FOUNDED, [leaving("ash"), leaving("ash", size=19)])
    twice = changed(FOUNDED, [leaving("ash"), leaving("ash", at=5)])

    assert (at(circle, "ash", 1).end, at(circle, "ash", 1).disputed) == (None, True)
    assert "ash" not in circle.by_slug
    assert twice == changed(FOUNDED, [leaving("ash")])


def test_a_member_joins_as_an_observer_and_opens_its_log() -> None:
    """It is listed from the amendment on, and a member with a log once its opening is known."""
    joins = amended(
        FOUNDED, [*ALL[:3], NEW["elm"]], members=[*FOUNDED.charter.members, joining("elm", "ash")]
    )
    listed = changed(FOUNDED, [joins])
    circle = changed(FOUNDED, [opening("elm", 1, NEW["elm"]), joins])

    assert listed.charter.members[-1].slug == "elm"
    assert "elm" not in listed.by_slug
    assert (circle.members[-1].slug, circle.members[-1].observer) == ("elm", True)
    assert [circle.entitled_from("elm", member.log) for member in circle.members] == [15, 15, 15, 15, 0]
    assert circle.entitled_from("birch", log_of("ash")) == 0
    assert circle.entitled_from("elm", log_of("ash", 2)) == 0


def test_who_joins_late_has_no_right_to_earlier_epochs() -> None:
    """What was written before the cuts was not said to it."""
    before = changed(FOUNDED, [ASH_2])
    joins = amended(before, [*ALL[:3], NEW["elm"]], members=[*before.charter.members, joining("elm", "ash")])
    circle = changed(FOUNDED, [ASH_2, joins])

    assert circle.entitled_from("elm", log_of("ash", 1)) == MAX_SIZE
    assert circle.entitled_from("elm", log_of("ash", 2)) == 15
    assert circle.entitled_from("elm", log_of("ash", 3)) == 0


def test_who_is_removed_ends_at_the_cut() -> None:
    """What it wrote beyond is void, and no leaving of its own moves that end."""
    circle = changed(FOUNDED, [REMOVED_DATE, opening("date", 2, size=30), leaving("date", size=30)])

    assert "date" not in circle.by_slug
    assert [(member.log, member.end) for member in circle.past] == [
        (log_of("date"), End(15, root_of("date", 1, 15), exact=True))
    ]
    assert circle.charter.removed == (removal("date"),)


def test_who_has_left_is_left_out_without_a_removal() -> None:
    """Such an amendment waits for the leaving; the log ends where the member said."""
    left = changed(FOUNDED, [CEDAR_LEAVES])
    without = amended(left, ["ash", "birch", "date"], left=["cedar"])

    assert changed(FOUNDED, [without]) == FOUNDED
    circle = changed(FOUNDED, [without, CEDAR_LEAVES])
    assert [member.slug for member in circle.charter.members] == ["ash", "birch", "date"]
    assert at(circle, "cedar", 1).end == End(20, root_of("cedar", 1, 20), exact=True)
    assert circle.left == frozenset()


def test_amendments_follow_each_other() -> None:
    """Each judges from its cuts on, and the newest is what the circle is."""
    third = amended(WITH_NEW_KEY, [NEW["ash"], "birch", "cedar", "date"], title="Bay")

    circle = changed(FOUNDED, [third, NEW_KEY])

    assert (circle.title, circle.charter.version, len(circle.chain)) == ("Bay", 3, 3)
    assert circle.id == FOUNDED.id
    assert changed(FOUNDED, [third]) == FOUNDED


def test_two_successors_freeze_the_charter() -> None:
    """The chain ends before them, and whatever followed one of them; everything else goes on."""
    third = amended(WITH_NEW_KEY, [NEW["ash"], "birch", "cedar", "date"], title="Bay")
    circle = changed(FOUNDED, [third, NEW_KEY, RENAMED, ASH_2])

    assert circle.charter == FOUNDED.charter
    assert circle.frozen is not None
    assert {version.encode() for version in circle.frozen} == {NEW_KEY, RENAMED}
    assert circle.by_slug["ash"].log == log_of("ash", 2)


def test_an_amendment_shown_with_other_signatures_is_the_same() -> None:
    """What is amended is the text: more signatures than it needs make no second amendment."""
    four, three = (amended(FOUNDED, signers) for signers in (ALL, ALL[:3]))

    assert four != three
    assert event_id(four) == event_id(three)
    circle = changed(FOUNDED, [four, three])
    assert circle.frozen is None
    assert circle == changed(FOUNDED, [three])
    with pytest.raises(NothingNew):
        check(three, four)


def test_an_epoch_has_keys_of_its_own() -> None:
    """An opening that goes on with a key of the epoch before, or with the organisation's, does not count."""
    log, fresh = log_of("ash", 2), keys_of("ash", 2)
    for used in (OLD["ash"], P.keys["ash"].log, P.keys["ash"].request):
        again = SigningKey.from_seed(str(log), fresh.log.verifying.type, used._secret[:32])
        keys = MemberKeys(log, again, fresh.holder, fresh.witness, fresh.request)
        assert changed(FOUNDED, [opening("ash", 2, keys=keys)]) == FOUNDED


def test_a_changed_circle_is_stored_as_it_was_founded() -> None:
    """What is kept of a circle are its founding and its events."""
    assert decode_circle(encode_circle(changed(FOUNDED, POOL))) == FOUNDED


# --- whatever the order ---

ELM = amended(
    WITH_NEW_KEY,
    [NEW["ash"], "birch", "cedar", NEW["elm"]],
    members=[*WITH_NEW_KEY.charter.members, joining("elm", "birch")],
)
WITHOUT_CEDAR = amended(changed(FOUNDED, [CEDAR_LEAVES]), ["ash", "birch", "date"], left=["cedar"])
REMOVED_DATE = amended(FOUNDED, ["ash", "birch", "cedar"], removed=[removal("date")])
POOL = [
    *(ASH_2, ASH_2_AGAIN, ASH_3, opening("ash", 2, NEW["ash"], seed=4)),
    *(opening("birch", 2, reason="lost"), opening("birch", 3), opening("birch", 3, size=8, seed=2)),
    *(CEDAR_LEAVES, leaving("cedar", size=25), leaving("cedar", at=9), leaving("ash", key=NEW["ash"])),
    *(NEW_KEY, RENAMED, ELM, WITHOUT_CEDAR, opening("elm", 1, NEW["elm"]), opening("elm", 2, NEW["elm"])),
    REMOVED_DATE,
]
events_of_pool = st.lists(st.sampled_from(POOL), max_size=2 * len(POOL))


@given(events_of_pool, st.randoms(use_true_random=False))
def test_only_the_set_of_events_matters(events: list[bytes], chance: random.Random) -> None:
    """In whatever order and however often events come, the circle is the same."""
    shuffled = list(events)
    chance.shuffle(shuffled)

    assert changed(FOUNDED, events) == changed(FOUNDED, shuffled) == changed(FOUNDED, set(events))


@given(events_of_pool)
@settings(max_examples=50)
def test_what_is_kept_says_what_all_of_it_says(events: list[bytes]) -> None:
    """A node that is shown events again and again, and keeps what it may, knows the circle as it is."""
    kept: list[bytes] = []
    for _ in range(4):
        for data in events:
            try:
                check_event(Known.of(FOUNDED, kept), data)
            except Refusal:
                continue
            if data not in kept:
                kept.append(data)

    assert changed(FOUNDED, kept) == changed(FOUNDED, events)


@given(st.lists(st.sampled_from(POOL[:10])), st.lists(st.sampled_from(POOL[:10])))
def test_what_ended_stays_ended(events: list[bytes], more: list[bytes]) -> None:
    """Without an amendment, nothing that comes makes a log current that was not any more."""
    before, after = changed(FOUNDED, events), changed(FOUNDED, [*events, *more])
    open_before = {str(member.log) for member in before.members if not member.disputed}
    open_after = {str(member.log) for member in after.members if not member.disputed}

    assert not open_after & (before.by_log.keys() - open_before)


FIRST_SUCCESSORS = [RENAMED, WITHOUT_CEDAR, REMOVED_DATE]
THIEF = [ASH_2, ASH_2_AGAIN, ASH_3, leaving("ash"), leaving("ash", 2, 5), opening("ash", 2, seed=7)]


@given(st.lists(st.sampled_from([one for one in POOL if one not in FIRST_SUCCESSORS])))
def test_what_a_thief_signs_is_nothing_once_the_key_is_replaced(events: list[bytes]) -> None:
    """Whatever else happened: openings and leavings by the old key, before or after, never count."""
    honest = [NEW_KEY, *(event for event in events if event not in THIEF)]

    assert changed(FOUNDED, [*THIEF, *honest]) == changed(FOUNDED, honest)


@given(events_of_pool)
def test_two_successors_freeze_whatever_else_is_known(events: list[bytes]) -> None:
    """The charter is as before them, also where one of them had followers; members and logs are untouched."""
    amendments = {NEW_KEY, ELM, *FIRST_SUCCESSORS}
    circle = changed(FOUNDED, [NEW_KEY, RENAMED, *events])
    unamended = changed(FOUNDED, [event for event in events if event not in amendments])

    assert circle.frozen is not None
    assert replace(circle, frozen=None) == unamended


FORGED = [
    opening("ash", 2, OLD["birch"]),
    opening("ash", 2, organisation("ash", 9)),
    leaving("birch", key=OLD["ash"]),
    NEW_KEY.replace(b"Harbour", b"Harbor!"),
]


@given(st.lists(st.sampled_from([*POOL, *FORGED])))
def test_an_event_that_the_right_key_did_not_sign_changes_nothing(events: list[bytes]) -> None:
    """Whatever else is known, what is forged is nothing."""
    assert changed(FOUNDED, events) == changed(FOUNDED, [one for one in events if one not in FORGED])


@given(st.lists(st.binary(max_size=200) | st.sampled_from([b"{", b"{}\n\nx\n", b"x\n\n"])))
def test_what_is_no_event_changes_nothing(events: list[bytes]) -> None:
    """Anything may come."""
    assert changed(FOUNDED, events) == FOUNDED


# --- what may be kept ---


def check(data: bytes, *kept: bytes) -> None:
    """Check an event beside those that were kept."""
    check_event(Known.of(FOUNDED, kept), data)


def test_what_may_count_is_kept() -> None:
    """Also what does not yet: a later epoch, a leaving of it, an amendment that waits for a leaving."""
    for data in (ASH_2, ASH_3, leaving("ash", 2), CEDAR_LEAVES, NEW_KEY, WITHOUT_CEDAR):
        check(data)
        check(data, data)
        check_event(Known.of(changed(FOUNDED, [data]), [data]), data)
    check(opening("ash", 2, NEW["ash"]), NEW_KEY)
    check(RENAMED, NEW_KEY)
    check(ASH_2_AGAIN, ASH_2)


def test_nobodys_text_is_read() -> None:
    """A text is read only if a member's key signed it: a few kilobytes can take a second."""
    text = "x" + ".a" * 1_000 + " = 1\n"
    stranger = organisation("ash", 9)

    with pytest.raises(BadSignature):
        check(sign_note(text, stranger).encode())
    with pytest.raises(MalformedCharter):
        check(sign_note(text, stranger, OLD["ash"]).encode())
    with pytest.raises(DrillAtLive):
        check(sign_note(text, organisation("ash", 1, "drill.harbour.example")).encode())


def test_what_can_never_count_is_not_kept() -> None:
    """Each reason has its error."""
    stranger = opening("elm", 1, NEW["elm"])
    drill, elsewhere = party(domain="drill.example"), party(seed=2)
    note = sign_record(note_record(log_of("ash"), "no event"), OLD["ash"])
    far = opening("ash", 1_025)
    wrong: list[tuple[bytes, type[Refusal]]] = [
        (note, MalformedEvent),
        (far, MalformedEvent),
        (stranger, NonMember),
        (opening("ash", 2, OLD["birch"]), BadSignature),
        (elsewhere.openings["ash"], WrongCircle),
        (drill.openings["ash"], DrillAtLive),
        (FOUNDED.signed.encode(), WrongPredecessor),
        (ELM, WrongPredecessor),
        (FOUNDED.by_slug["ash"].opening, NothingNew),
        (b"nothing", Refusal),
    ]
    for data, error in wrong:
        with pytest.raises(error):
            check(data)


def test_no_key_makes_others_keep_more_than_two() -> None:
    """Two say that the epoch is disputed, or the end open; a third by the same key says nothing more."""
    third = opening("ash", 2, seed=5)
    for kept, data in (
        ([ASH_2, ASH_2_AGAIN], third),
        ([CEDAR_LEAVES], leaving("cedar", at=3)),
        ([CEDAR_LEAVES, leaving("cedar", size=21)], leaving("cedar", size=22)),
    ):
        with pytest.raises(NothingNew):
            check(data, *kept)
    check(opening("ash", 2, NEW["ash"], seed=6), ASH_2, ASH_2_AGAIN, NEW_KEY)


def test_an_opening_that_an_amendment_names_is_kept() -> None:
    """However many others there are."""
    third = opening("ash", 2, seed=5)
    cut = Cut(
        log=str(log_of("ash", 2)),
        size=3,
        root=encode_base64(root_of("ash", 2, 3)),
        openings=(event_id(third).hex(),),
    )
    settles = amended(FOUNDED, ["birch", "cedar", "date"], cuts=[cut])

    check(third, ASH_2, ASH_2_AGAIN, settles)
    circle = changed(FOUNDED, [ASH_2, ASH_2_AGAIN, settles, third])
    assert circle.by_slug["ash"].opening == third


def _kept(*events: bytes) -> list[bytes]:
    """Those that a node keeps that gets them in this order."""
    kept: list[bytes] = []
    for event in events:
        try:
            check_event(Known.of(FOUNDED, kept), event)
        except NothingNew:
            continue
        kept.append(event)
    return kept


@given(st.permutations(range(3)))
def test_two_of_three_openings_are_a_dispute_whichever_they_are(order: list[int]) -> None:
    """Of three openings of one epoch a node keeps two: all nodes see a dispute, also if one never counts."""
    three = [opening("ash", 2, tlp="TLP:RED", seed=5), opening("ash", 2, seed=6), opening("ash", 2, seed=7)]

    ash = changed(FOUNDED, _kept(*(three[place] for place in order))).by_slug["ash"]

    assert (ash.log.epoch, ash.disputed) == (1, True)


@given(st.permutations(range(3)))
def test_two_of_three_leavings_are_a_farewell_whichever_they_are(order: list[int]) -> None:
    """Of three leavings that contradict each other a node keeps two: the member is gone at every node."""
    three = [leaving("cedar", 1), leaving("cedar", 900, 21), leaving("cedar", 901, 22)]

    circle = changed(FOUNDED, _kept(*(three[place] for place in order)))

    assert "cedar" not in circle.by_slug
    assert [member.disputed for member in circle.past] == [True]


def test_a_joiner_gets_nothing_of_who_was_gone_before() -> None:
    """Who joins after a removal may have no record of the removed member, whom its cuts do not name."""
    staying = ["ash", "birch", "date"]
    members = [place for place in FOUNDED.charter.members if place.slug in staying]
    first = amended(FOUNDED, staying, members=members, removed=[removal("cedar")])
    removed = changed(FOUNDED, [first])
    places = [*map(changed_member, removed.charter.members), joining("elm", "ash")]
    second = amended(removed, [*staying, NEW["elm"]], members=places)

    circle = changed(FOUNDED, [first, second, opening("elm", 1, NEW["elm"])])

    assert circle.entitled_from("elm", log_of("cedar")) == MAX_SIZE
    assert circle.entitled_from("elm", log_of("ash")) < MAX_SIZE
