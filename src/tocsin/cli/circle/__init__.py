"""Circles: from organisations that introduce themselves to a circle that all its members have signed.

- `words`: a charter in plain words; `kept`: the charter and join files that this node has, complete or not.
- `drafting`: introduce, draft; `signing`: sign; `joining`: join; `showing`: show.
"""

import click

from tocsin.cli.circle.drafting import draft, introduce
from tocsin.cli.circle.joining import join
from tocsin.cli.circle.showing import show
from tocsin.cli.circle.signing import sign


@click.group()
def circle() -> None:
    """Found circles: introduce, draft, sign, join, show.

    A circle is a group of organisations with a charter that all of them have signed. What one of them writes, every
    other receives; nobody else does. To found one:

    \b
      1. each:    tocsin circle introduce …   and give the file to whoever drafts the charter
      2. one:     tocsin circle draft …       and give the charter to all
      3. each:    tocsin circle sign …        and give the join file to all the others
      4. each:    tocsin circle join …        with the join files of all
    """


for command in (introduce, draft, sign, join, show):
    circle.add_command(command)
