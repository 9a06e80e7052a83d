"""`readings`: what a case was, by all together."""

import click

from tocsin.cli.readings.asking import question
from tocsin.cli.readings.scoring import scores
from tocsin.cli.readings.showing import show


@click.group()
def readings() -> None:
    """Show what cases were, by all that their members make of them.

    What your organisation makes of a case, you write with `tocsin case reading`. Here all of that is put
    together by rules that all members have in common: who has the same records sees the same.
    """


for command in (show, question, scores):
    readings.add_command(command)
