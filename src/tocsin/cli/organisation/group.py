"""`org`: the commands for the machine that is connected to nothing."""

import click

from tocsin.cli.organisation.making import keygen, repass, show
from tocsin.cli.organisation.signing import sign


@click.group()
def org() -> None:
    """Make the organisation key, and sign with it, offline.

    The organisation key says who you are: it signs charters, the keys of your node, and that you leave. It
    belongs on a medium that is connected to nothing, and these commands need neither a network nor a node.

    1. Make the key (keygen), and give its public half to the node.

    2. Carry the drafts that the node writes to this machine, read them and sign them (sign).

    3. Carry what is signed back to the node.
    """


for command in (keygen, show, sign, repass):
    org.add_command(command)
