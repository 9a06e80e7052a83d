"""Charts: from frozen views to drawings, each with what it shows in words, and the same as a table.

- Pure functions: the same view, whatever its order, gives the same drawing; the page's template shows it
  (`charts/chart.html`).
- `sources`: on which sources a case rests; `lanes`: who said what when; `clocks`: how much time is gone;
  `lines`: how it stands with each member; `responses`: our answers to communication checks; `course`: how
  likely each kind was held to be as a case went on; `reliability`: whether it came true as often as said.
- Nothing is said by a colour alone: there is a shape, and a word.
"""

from tocsin.web.charts.clocks import Clock, small_clock
from tocsin.web.charts.course import course_chart, is_known
from tocsin.web.charts.drawing.figure import Chart, Table
from tocsin.web.charts.lanes import lanes_chart
from tocsin.web.charts.lines import Line, line_map
from tocsin.web.charts.reliability import reliability_chart
from tocsin.web.charts.responses import Check, response_chart
from tocsin.web.charts.sources import sources_chart

__all__ = [
    "Chart",
    "Check",
    "Clock",
    "Line",
    "Table",
    "course_chart",
    "is_known",
    "lanes_chart",
    "line_map",
    "reliability_chart",
    "response_chart",
    "small_clock",
    "sources_chart",
]
