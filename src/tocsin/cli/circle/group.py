"""`circle`: the commands in the order in which a circle comes to be."""

import click

from tocsin.cli.circle.drafting import draft, introduce
from tocsin.cli.circle.joining import join
from tocsin.cli.circle.showing import show
from tocsin.cli.circle.signing import sign


@click.group()
def circle() -> None:
    """Found circles: introduce, draft, sign, join, show.

    A circle is a group of organisations with a charter that all of them have signed. What one of them writes,
    every other receives; nobody else does. To found one:

    1. Each introduces itself (introduce), and gives the file to whoever drafts the charter.

    2. One drafts the charter (draft), and gives it to all.

    3. Each signs it (sign), and gives the join file to all the others.

    4. Each joins, with the join files of all (join).
    """


for command in (introduce, draft, sign, join, show):
    circle.add_command(command)
