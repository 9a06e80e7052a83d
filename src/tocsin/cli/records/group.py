"""`record`: what can be ordered about records that were said."""

import click

from tocsin.cli.records.erase import erase
from tocsin.cli.records.hold import hold, release


@click.group()
def record() -> None:
    """Erase records of your own, and keep others' by a legal hold.

    Each is an order that stands in your log for all to see, with its reason and who gave it.
    """


for command in (erase, hold, release):
    record.add_command(command)
