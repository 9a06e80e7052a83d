"""The graph of a case's sources, and of who repeats whom.

- `citing`: what the graph consists of; `ordering`: what stands below what; `placing`: where; `drawn`: how it
  looks, and what it says.
"""

from tocsin.web.charts.sources.drawn import sources_chart

__all__ = ["sources_chart"]
