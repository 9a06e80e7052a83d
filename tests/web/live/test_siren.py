"""What rings for whom, at which hour, and what silences it."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from tests.web.overview.making import bell, ref, ring, summary

from tocsin.web.languages import LANGUAGES
from tocsin.web.live.fragments import Fragments
from tocsin.web.live.siren.form import SettingsForm, clock_time
from tocsin.web.live.siren.ringing import Alarm, alarm_of, silenced_by
from tocsin.web.live.siren.thresholds import DAY_MINUTES, LEAST, Settings, is_loud, least_at
from tocsin.web.serving import forms
from tocsin.web.serving.errors import MalformedForm
from tocsin.web.serving.templates import make_environment

NOW_MS = 1_700_000_000_000
SETTINGS = Settings(duty="duty", night="nothing", night_from=0, night_until=0)


def alarm(*rings: object, settings: Settings = SETTINGS, silenced: dict[str, int] | None = None) -> Alarm:
    """What rings now of cases that are all serious."""
    return alarm_of(
        rings,  # type: ignore[arg-type]
        lambda _, case: summary(case=case, severity="serious-incident"),
        settings,
        silenced or {},
        zone_name="UTC",
        now_ms=NOW_MS,
    )


def test_it_rings_until_it_is_silenced_and_again_at_its_next_moment() -> None:
    """Whoever silences it has silenced what had rung by then, and nothing that rings later."""
    rung = ring(bell(last_ms=NOW_MS - 10))
    assert alarm(rung).count == 1
    silenced = silenced_by([rung], {}, alarm(rung).until_ms)
    assert alarm(rung, silenced=silenced).count == 0
    later = replace(rung, bell=replace(rung.bell, last_ms=NOW_MS - 1))
    assert alarm(later, silenced=silenced).count == 1
    assert silenced_by([later], silenced, NOW_MS - 10) == silenced


def test_what_nobody_saw_is_not_silenced() -> None:
    """A bell that began to ring after the page was made goes on."""
    seen, unseen = ring(bell(last_ms=NOW_MS - 10)), ring(bell(case=ref(2), last_ms=NOW_MS - 5))
    silenced = silenced_by([seen, unseen], {}, alarm(seen).until_ms)
    assert [call.bell.case for call in alarm(seen, unseen, silenced=silenced).calls] == [ref(2)]


def test_one_bell_is_silenced_alone() -> None:
    """Whoever has said what it rings for hears the others, and this one again at its next moment."""
    done, other = ring(bell(last_ms=NOW_MS - 10)), ring(bell(case=ref(2), last_ms=NOW_MS - 20))
    silenced = silenced_by([done, other], {}, alarm(done, other).until_ms, done.key)
    assert [call.key for call in alarm(done, other, silenced=silenced).calls] == [other.key]
    again = replace(done, bell=replace(done.bell, last_ms=NOW_MS - 1))
    assert alarm(again, other, silenced=silenced).count == 2


def test_what_is_done_is_forgotten() -> None:
    """So what is remembered does not grow."""
    assert silenced_by([], {"some key": 5}, NOW_MS) == {}


def test_only_ones_own_duty_rings_and_checks_never_do() -> None:
    """A deputy is not called for what the duty is called for; who is neither, for nothing."""
    duty, deputy = ring(bell(last_ms=1)), ring(bell(last_ms=1, audience="deputy"))
    check = ring(bell(last_ms=1, due="check", case=ref(9)))
    assert alarm(duty, deputy, check).count == 1
    assert alarm(duty, deputy, settings=Settings(duty="deputy", night_from=0, night_until=0)).count == 1
    assert alarm(duty, deputy, settings=Settings(duty="nobody")) == Alarm(called=False)
    assert alarm(ring(bell(last_ms=None))).count == 0


def test_the_gravest_is_told_first_and_drills_last() -> None:
    """What is overdue comes before all that is not."""
    rings = [
        ring(bell(case=ref(1), last_ms=1, overdue=True, due_by_ms=1), drill=True),
        ring(bell(case=ref(2), last_ms=1, due_by_ms=2)),
        ring(bell(case=ref(3), last_ms=1, due_by_ms=9)),
        ring(bell(case=ref(4), last_ms=1, due_by_ms=9, overdue=True)),
    ]
    severities = {ref(2): "hazard", ref(3): "disaster", ref(4): "hazard", ref(1): "disaster"}
    found = alarm_of(
        rings,
        lambda _, case: summary(case=case, severity=severities[case]),
        SETTINGS,
        {},
        zone_name="UTC",
        now_ms=NOW_MS,
    )
    assert [call.bell.case.index for call in found.calls] == [4, 3, 2]
    assert found.count == 4
    assert found.grave
    assert not found.drill
    assert alarm(rings[0]).drill


def test_officers_act_from_the_siren_and_others_are_told() -> None:
    """Each bell has a button for what it rings for; who may not say anything reads what is owed."""
    rung = alarm(ring(bell(last_ms=1)), ring(bell(case=ref(2), of=ref(3), due="answer", last_ms=1)))
    rung = structs.replace(rung, calls=[structs.replace(call, of=(call.bell.of,)) for call in rung.calls])
    fragments = Fragments(make_environment())

    def shown(*, may_say: bool) -> str:
        english = LANGUAGES["en"]
        return fragments.text(english, "live/siren.html", alarm=rung, may_say=may_say, csrf="")

    mine, theirs = shown(may_say=True), shown(may_say=False)
    assert mine.count("data-one-click") == 1
    assert f'name="of" value="{ref(1)}"' in mine
    assert f"&amp;case={ref(2)}&amp;ask={ref(3)}" in mine
    assert "/say/" not in theirs
    assert f"Acknowledge in case {ref(1)}" in theirs
    assert f"Answer in case {ref(2)}" in theirs


@given(st.integers(0, DAY_MINUTES - 1), st.integers(0, DAY_MINUTES - 1), st.integers(0, DAY_MINUTES - 1))
def test_the_night_is_where_a_clock_has_it(night_from: int, night_until: int, minute: int) -> None:
    """From its beginning on and before its end, over midnight or not."""
    settings = Settings(
        duty="duty", day="all", night="disaster", night_from=night_from, night_until=night_until
    )
    at_ms = int(datetime(2026, 3, 1, minute // 60, minute % 60, tzinfo=UTC).timestamp()) * 1000
    if night_from <= night_until:
        night = night_from <= minute < night_until
    else:
        night = minute >= night_from or minute < night_until
    assert least_at(settings, "UTC", at_ms) == ("disaster" if night else "all")


def test_hours_are_those_of_the_persons_zone() -> None:
    """Three in the afternoon in London is midnight in Seoul; a zone that nobody knows counts as UTC."""
    at_ms = int(datetime(2026, 1, 10, 15, 0, tzinfo=UTC).timestamp()) * 1000
    settings = Settings(duty="duty")
    assert least_at(settings, "Europe/London", at_ms) == "all"
    assert least_at(settings, "Asia/Seoul", at_ms) == "serious-incident"
    assert least_at(settings, "Nowhere/Else", at_ms) == "all"


def test_who_wants_more_quiet_never_hears_more() -> None:
    """Each step is quieter than the one before; what nobody judged counts as an incident."""
    severities = (None, "hazard", "serious-hazard", "incident", "serious-incident", "disaster")
    loud = [{severity for severity in severities if is_loud(severity, least)} for least in LEAST]  # type: ignore[arg-type]
    assert all(louder > quieter for louder, quieter in pairwise(loud))
    assert loud[0] == set(severities)
    assert loud[-1] == set()
    assert all((None in one) == ("incident" in one) for one in loud)


@pytest.mark.parametrize(
    ("field", "value"),
    [("duty", "king"), ("day", "loud"), ("night", ""), ("night_from", "24:00"), ("night_until", "7:00")],
)
def test_what_nobody_can_set_is_refused(field: str, value: str) -> None:
    """A form is not trusted because a page sent it."""
    sent = {"duty": "duty", "day": "all", "night": "disaster", "night_from": "22:00", "night_until": "07:05"}
    settings = forms.convert({name: [one] for name, one in sent.items()}, SettingsForm).settings
    assert settings == Settings(duty="duty", night="disaster", night_from=22 * 60, night_until=7 * 60 + 5)
    assert clock_time(settings.night_until) == "07:05"
    with pytest.raises(MalformedForm):
        forms.convert({name: [one] for name, one in (sent | {field: value}).items()}, SettingsForm)
