"""The graph of sources as a chart: sources, then who cites one directly, then who only repeats.

What repeats is drawn broken, and what others cannot look at has another shape; a word says so, too.
"""

from tocsin.cases.picture.view import CaseView, SourceView
from tocsin.core.views import Terms
from tocsin.web.charts.drawing import shapes
from tocsin.web.charts.drawing.figure import Chart, Key, Table, sample
from tocsin.web.charts.drawing.fitting import fitted
from tocsin.web.charts.drawing.svg import SMALL_PX, TEXT_PX, Drawing, Group, Part, Path, Text
from tocsin.web.charts.saying import Say, Telling, Word, isolated, listed
from tocsin.web.charts.sources.citing import Graph, graph_of
from tocsin.web.charts.sources.ordering import columns
from tocsin.web.charts.sources.placing import BOX_PX, HEADS, Layout, Place, back, between, narrow, wide

_FIRST = "chart-first"
_REPEAT = "chart-repeat"


def sources_chart(view: CaseView, terms: Terms, say: Say, word: Word) -> Chart:
    """On which sources a case rests, each once, whoever repeats it. Without sources, words alone."""
    graph = graph_of(view)
    title, words = say("charts.sources_title"), _words(view, graph, say)
    if not graph.sources:
        return Chart(title, words, ())
    placed = columns(graph)
    drawn = _Drawn(graph, Telling(terms, say, word))
    drawings = (
        drawn.drawing(narrow(graph, placed), "chart-narrow", title, words),
        drawn.drawing(wide(placed), "chart-wide", title, words),
    )
    return Chart(title, words, drawings, _keys(graph, say), drawn.table())


def _words(view: CaseView, graph: Graph, say: Say) -> str:
    found = view.corroboration
    told = [
        say("charts.result", replies=found.replies, sources=found.independent_sources),
        say("charts.corroborated" if found.corroborated else "charts.not_corroborated"),
    ]
    if graph.more_sources or graph.more_members or graph.more_lines:
        told.append(
            say(
                "charts.more_of_graph",
                sources=graph.more_sources,
                members=graph.more_members,
                lines=graph.more_lines,
            )
        )
    return say("gap").join(told)


def _keys(graph: Graph, say: Say) -> tuple[Key, ...]:
    keys = [Key(sample(Path("M2 10h24", _FIRST)), say("charts.cites"))]
    if graph.repeats or graph.lone:
        keys.append(Key(sample(Path("M2 10h24", _REPEAT)), say("charts.repeats")))
    if graph.repeats:
        keys.append(Key(sample(_record(14, 10)), say("charts.cited_record")))
    if not all(source.verifiable for source in graph.sources):
        keys.append(
            Key(
                sample(Path(shapes.pointed_box(1, 3, 26, 14, 6), "chart-word-of")), say("charts.unverifiable")
            )
        )
    return tuple(keys)


class _Drawn:
    """Draws one graph, and tells it as a table."""

    def __init__(self, graph: Graph, telling: Telling) -> None:
        self._graph = graph
        self._telling = telling
        self._say = telling.say
        self._word = telling.word
        self._source_titles = [self._source_title(source) for source in graph.sources]
        self._repeats_told = [
            self._say("charts.repeats_through", member=one.member, of=one.of, record=one.through)
            for one in graph.repeats
        ]

    def drawing(self, layout: Layout, css: str, title: str, words: str) -> Drawing:
        """The graph in one layout: lines first, boxes over them."""
        parts: list[Part] = [
            Text(x, y, fitted(self._say(head), across, SMALL_PX), "chart-quiet", SMALL_PX)
            for head, x, y, across in layout.heads
        ]
        parts += self._lines(layout)
        parts += (self._source(number, place) for number, place in layout.sources.items())
        parts += (self._member(slug, place) for slug, place in layout.members.items())
        return Drawing(layout.width, layout.height, tuple(parts), css, title, words)

    def table(self) -> Table:
        """Each source, who cites it directly, who repeats it, and whether others can look at it."""
        say = self._say
        rows = []
        for source, title in zip(self._graph.sources, self._source_titles, strict=True):
            firsts = [member for member in source.members if member not in source.repeaters]
            rows.append(
                (
                    title,
                    listed(firsts, say),
                    listed(source.repeaters, say),
                    say("charts.verifiable" if source.verifiable else "charts.unverifiable"),
                )
            )
        head = tuple(map(say, ("charts.source", *HEADS[1:], "charts.checking")))
        return Table(say("charts.as_table"), head, tuple(rows))

    def _lines(self, layout: Layout) -> list[Part]:
        sources, members = layout.sources, layout.members
        firsts = [between(sources[source], members[member], layout) for source, member in self._graph.firsts]
        lone = [between(sources[source], members[member], layout) for source, member in self._graph.lone]
        parts: list[Part] = [*shapes.joined(_FIRST, firsts), *shapes.joined(_REPEAT, lone)]
        for repeat, told in zip(self._graph.repeats, self._repeats_told, strict=True):
            d, at = back(members[repeat.member], members[repeat.of], layout)
            parts.append(Group(told, (Path(d, _REPEAT), _record(*at))))
        return parts

    def _source(self, number: int, place: Place) -> Group:
        source = self._graph.sources[number]
        first, second = _two_lines(source)
        if source.verifiable:
            left, room = place.x + 16, place.across - 26
            outline: tuple[Path, ...] = (
                Path(shapes.box(place.x, place.y, place.across, BOX_PX, 4), "chart-source"),
                Path(f"M{place.x:g} {place.y + 4:g}v40", "chart-band"),
            )
        else:
            left, room = place.x + 20, place.across - 40
            outline = (Path(shapes.pointed_box(place.x, place.y, place.across, BOX_PX), "chart-word-of"),)
            second = self._say("charts.unverifiable")
        second = second or self._word("SourceKind", source.citations[0].kind)
        texts = _texts(first, second, left, place.y, room)
        return Group(self._source_titles[number], (*outline, *texts))

    def _member(self, slug: str, place: Place) -> Group:
        css = "chart-repeater" if slug in self._graph.repeating else "chart-member"
        outline = Path(shapes.box(place.x, place.y, place.across, BOX_PX, 12), css)
        texts = _texts(self._telling.label(slug), slug, place.x + 14, place.y, place.across - 26)
        return Group(self._telling.called(slug), (outline, *texts))

    def _source_title(self, source: SourceView) -> str:
        kind = self._word("SourceKind", source.citations[0].kind)
        told = self._say("pair", label=kind, value=isolated(source.citations[0].locator or ""))
        others = len(source.citations) - 1
        return self._say("aside", text=told, aside=self._say("more", count=others)) if others else told


def _texts(first: str, second: str, x: float, y: float, room: float) -> tuple[Text, Text]:
    return (
        Text(x, y + 20, fitted(first, room, TEXT_PX, bold=True), bold=True),
        Text(x, y + 38, fitted(second, room, SMALL_PX), "chart-quiet", SMALL_PX),
    )


def _two_lines(source: SourceView) -> tuple[str, str]:
    """Of an address the host, and the rest; of others the whole."""
    locator = source.citations[0].locator or ""
    scheme, found, rest = locator.partition("://")
    if not found or scheme.lower() not in ("http", "https"):
        return locator, ""
    host, _, path = rest.partition("/")
    return host, f"/{path}" if path else ""


def _record(x: float, y: float) -> Path:
    """A sheet of paper with a corner turned down."""
    return Path(f"M{x - 5:g} {y - 7:g}h6l4 4v10h-10zm6 0v4h4", "chart-record")
