"""The course of a case: how likely each kind was held to be as it went on.

- `telling`: what it says in words; `drawn`: how it looks.
"""

from tocsin.web.charts.course.drawn import course_chart
from tocsin.web.charts.course.telling import is_known

__all__ = ["course_chart", "is_known"]
