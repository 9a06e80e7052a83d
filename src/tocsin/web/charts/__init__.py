"""Charts: from frozen views to drawings, each with what it shows in words, and the same as a table.

- Pure functions: the same view, whatever its order, gives the same drawing; the page's template shows it
  (`charts/chart.html`).
- `sources`: on which sources a case rests; `lanes`: who said what when; `clocks`: how much time is gone;
  `lines`: how it stands with each member; `responses`: our answers to communication checks.
- Nothing is said by a colour alone: there is a shape, and a word.
"""

from tocsin.web.charts.clocks import Clock, small_clock
from tocsin.web.charts.drawing.figure import Chart, Table
from tocsin.web.charts.lanes import lanes_chart
from tocsin.web.charts.lines import Line, line_map
from tocsin.web.charts.responses import Check, response_chart
from tocsin.web.charts.sources import sources_chart

__all__ = [
    "Chart",
    "Check",
    "Clock",
    "Line",
    "Table",
    "lanes_chart",
    "line_map",
    "response_chart",
    "small_clock",
    "sources_chart",
]
