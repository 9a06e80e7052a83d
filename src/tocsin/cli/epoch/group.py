"""`epoch`: the commands in the order in which an epoch comes to be."""

import click

from tocsin.cli.epoch.adopting import adopt
from tocsin.cli.epoch.drafting import cancel, draft
from tocsin.cli.epoch.listing import list_


@click.group()
def epoch() -> None:
    """Give your node new keys: draft, adopt, cancel, list.

    An epoch is a log with keys of its own. A new one begins on a schedule, or because keys or a disk are
    lost, somebody else has the keys, or there are two versions of the log. Your organisation key vouches for
    it:

    1. The node makes new keys, and a draft (draft).

    2. The draft is signed where the organisation key is (`tocsin org sign`).

    3. The node takes what was signed, and goes on with the new keys; every member learns of them (adopt).
    """


for command in (draft, adopt, cancel, list_):
    epoch.add_command(command)
