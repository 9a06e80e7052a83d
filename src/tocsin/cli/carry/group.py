"""`carry`: the commands for a line that has no network."""

import click

from tocsin.cli.carry.exporting import export
from tocsin.cli.carry.importing import take_in


@click.group()
def carry() -> None:
    """Exchange by files, where no network leads.

    What nodes send each other, as a file: on a USB stick, by e-mail, by courier. Two nodes stay in step by
    files alone, if each side imports what the other exported, in turn: every file also says what has been
    received, and the next one begins there.

    The file holds records in the clear. Whoever carries it must be entitled to read them. Who brings a file
    proves nothing and need not be trusted: everything in it is checked as if its author had sent it.
    """


for command in (export, take_in):
    carry.add_command(command)
