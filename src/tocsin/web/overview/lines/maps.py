"""The lines of a circle as a map."""

from tocsin.web.charts.drawing.figure import Chart
from tocsin.web.charts.lines import Line, line_map
from tocsin.web.charts.saying import Say
from tocsin.web.overview.lines.members import CircleLines, MemberLine


def map_of(circle: CircleLines, now_ms: int, say: Say) -> Chart:
    """Us, and how it stands with every member."""
    return line_map(circle.slug, circle.label, [_line(line) for line in circle.members], now_ms, say)


def _line(line: MemberLine) -> Line:
    return Line(
        slug=line.slug,
        label=line.label,
        state=line.state,
        ours=line.ours,
        confirmed=line.confirmed,
        held=line.held,
        known=line.known,
        missing=line.missing,
        heard_ms=line.heard.last_ms,
        on_duty=line.desk.on_duty if line.desk else None,
    )
