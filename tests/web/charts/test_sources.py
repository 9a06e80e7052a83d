"""The graph of sources and repeaters."""

import re
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.cases.picture.desks import Desks, terms
from tests.cases.picture.stories import stories
from tests.web.charts.made import HOSTILE, check, circle, hostile_terms, large, repeating, say, titles, word

from tocsin.web.charts import sources_chart
from tocsin.web.charts.drawing.svg import Group, Path
from tocsin.web.charts.sources.citing import MAX_LINES, MAX_MEMBERS, MAX_SOURCES, graph_of


def test_two_of_three_replies_repeat_one() -> None:
    """A feed counts once: one member cites it, two repeat that member, by the record that they cite."""
    graph = graph_of(repeating())

    assert [source.verifiable for source in graph.sources] == [True, False]
    assert graph.firsts == ((0, "birch"), (1, "alder"))
    assert [(one.member, one.of, str(one.through)) for one in graph.repeats] == [
        ("cedar", "birch", "birch.1.1"),
        ("dogwood", "birch", "birch.1.1"),
    ]
    assert graph.repeating == {"cedar", "dogwood"}
    assert graph.lone == ()


def test_it_says_in_words_what_it_shows() -> None:
    """The result stands in a sentence, and all of it as a table."""
    chart = sources_chart(repeating(), terms(), say, word)

    assert chart.words == "Replies: 4. Independent sources: 2. Not corroborated."
    assert chart.table is not None
    assert chart.table.rows == (
        (
            "website: \u2068https://news.example/alerts/4711\u2069 (and 1 more)",
            "birch",
            "cedar, dogwood",
            "others can look at it",
        ),
        ("person: \u2068a call to the duty officer\u2069", "alder", "", "others cannot look at it"),
    )


def test_what_others_cannot_look_at_has_a_shape_of_its_own() -> None:
    """It differs from other sources not by colour alone: by its outline, and by a word in it."""
    for drawing in sources_chart(repeating(), terms(), say, word).drawings:
        (told,) = (one for one in drawing.parts if isinstance(one, Group) and "person" in one.title)
        (other,) = (one for one in drawing.parts if isinstance(one, Group) and "website" in one.title)
        shapes = [
            re.sub(r"[-0-9. ]", "", part.d)
            for part in (told.parts[0], other.parts[0])
            if isinstance(part, Path)
        ]

        assert shapes[0] != shapes[1]
        assert "others cannot look at it" in drawing.__html__()


@given(st.integers(1, 45), st.integers(2, 70), st.integers(0, 1_000))
@settings(max_examples=25, deadline=None)
def test_every_source_and_member_that_is_shown_stands_there_once(sources: int, count: int, seed: int) -> None:
    """In both layouts, and nothing lies over anything."""
    view, charter = large(sources, count, seed=seed), circle(count)
    graph, chart = graph_of(view), sources_chart(view, charter, say, word)

    check(chart)
    for drawing in chart.drawings:
        assert len([one for one in titles(drawing) if "website" in one]) == min(sources, MAX_SOURCES)
        for member in graph.members:
            assert sum(one.endswith(f"({member})") for one in titles(drawing)) == 1


@given(stories(), st.randoms())
@settings(max_examples=40, deadline=None)
def test_it_does_not_depend_on_any_order(desks: Desks, chance: Random) -> None:
    """The same sources and records give the same drawing; whoever a line leads to is there."""
    view = desks.view()
    sources, timeline = list(view.corroboration.sources), list(view.timeline)
    chance.shuffle(sources)
    chance.shuffle(timeline)
    turned = msgspec.structs.replace(
        view,
        corroboration=msgspec.structs.replace(view.corroboration, sources=tuple(sources)),
        timeline=tuple(timeline),
    )
    chart = sources_chart(view, terms(), say, word)

    assert sources_chart(turned, terms(), say, word) == chart
    check(chart)
    graph = graph_of(view)
    assert {one.of for one in graph.repeats} | {one.member for one in graph.repeats} <= set(graph.members)
    for number, source in enumerate(graph.sources):
        cite = {member for place, member in graph.firsts if place == number}
        assert cite == set(source.members) - set(source.repeaters)


def test_of_too_much_the_most_important_is_shown_and_the_rest_is_said() -> None:
    """More sources, members or lines than anybody can look at are counted."""
    view = large(200, 90)
    graph, chart = graph_of(view), sources_chart(view, circle(90), say, word)
    left_out = set(view.corroboration.sources) - set(graph.sources)

    assert (len(graph.sources), len(graph.members)) == (MAX_SOURCES, MAX_MEMBERS)
    assert len(graph.firsts) + len(graph.lone) + len(graph.repeats) <= MAX_LINES
    assert min(len(one.members) for one in graph.sources) >= max(len(one.members) for one in left_out)
    assert f"Not shown: sources 160, members {graph.more_members}, lines {graph.more_lines}." in chart.words
    assert graph.more_members > 0


def test_every_member_that_is_shown_keeps_a_line() -> None:
    """Where lines are left out, those of a member that has no other stay."""
    view = large(40, 64)
    source = view.corroboration.sources[0]
    everybody = tuple(f"desk-{number:02}" for number in range(64))
    full = msgspec.structs.replace(source, members=everybody, repeaters=())
    sources = tuple(msgspec.structs.replace(full, refs=(one.refs[0],)) for one in view.corroboration.sources)
    graph = graph_of(
        msgspec.structs.replace(
            view, corroboration=msgspec.structs.replace(view.corroboration, sources=sources)
        )
    )

    assert len(graph.firsts) == MAX_LINES
    assert graph.more_lines == 40 * 64 - MAX_LINES
    assert {member for _, member in graph.firsts} == set(everybody)


def test_labels_that_others_chose_do_nothing() -> None:
    """Markup, marks and directions of writing stay text, and their slug stands beside them."""
    chart = sources_chart(repeating(), hostile_terms(), say, word)

    check(chart)
    for drawing in chart.drawings:
        assert "<script" not in drawing.__html__()
        assert "\u202e" not in drawing.__html__()
        assert {"alder", "birch", "cedar", "dogwood"} <= {text.text for text in drawing.texts()}
    assert any(HOSTILE[0] in title for title in titles(chart.drawings[0]))


def test_without_sources_there_are_words_alone() -> None:
    """No empty frame is drawn."""
    view = large(0, 2)
    chart = sources_chart(view, terms(), say, word)

    assert chart.drawings == ()
    assert chart.words.startswith("Replies: 2. Independent sources: 0.")
