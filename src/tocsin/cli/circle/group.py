"""`circle`: the commands in the order of a circle's life."""

import click

from tocsin.cli.circle.changing.amending import amend
from tocsin.cli.circle.changing.excluding import expel, reply, resume, suspend
from tocsin.cli.circle.changing.leaving import leave
from tocsin.cli.circle.checking import check
from tocsin.cli.circle.drafting import draft, introduce
from tocsin.cli.circle.exporting import export, recover
from tocsin.cli.circle.joining import join
from tocsin.cli.circle.showing import show
from tocsin.cli.circle.signing import sign


@click.group()
def circle() -> None:
    """Found circles, change them, leave them.

    A circle is a group of organisations with a charter that all of them have signed. What one of them writes,
    every other receives; nobody else does. To found one:

    1. Each introduces itself (introduce), and gives the file to whoever drafts the charter.

    2. One drafts the charter (draft), and gives it to all.

    3. Each signs it (sign), and gives the join file to all the others.

    4. Each joins, with the join files of all (join), and compares words with the others aloud (check).

    Later, members change the charter (amend), which also lets others join, keep one away (suspend, expel), or
    leave. Keep a circle in a file (export), to come back when a machine has burnt (recover).
    """


for command in (introduce, draft, sign, join, show, check, amend, leave, suspend, resume, expel, reply):
    circle.add_command(command)
for command in (export, recover):
    circle.add_command(command)
