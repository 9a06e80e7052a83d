"""What a node makes of a case's readings (docs/protocol.md, section 23).

- `assessment`: the common view with its course, kept with the hot case; `course`: how it came about;
  `bearing`: of which records; `asking`: what to ask next; `kept`: what need not be made again.
- `learning`: what closed cases teach this node; `lessons`: what one of them does. That stays here.
"""

from tocsin.node.casework.assessing.assessment import Assessment
from tocsin.node.casework.assessing.course import Point

__all__ = ["Assessment", "Point"]
