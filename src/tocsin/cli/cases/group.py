"""`case`: the commands in the order of a case's life."""

import click

from tocsin.cli.cases.asking import ack, answer, ask
from tocsin.cli.cases.course import close, link, position, withdraw
from tocsin.cli.cases.describing import correct, report
from tocsin.cli.cases.exchange.attaching import attach, fetch
from tocsin.cli.cases.exchange.files import export, import_file
from tocsin.cli.cases.exchange.matching import match, observe
from tocsin.cli.cases.exchange.observed import forget, observed
from tocsin.cli.cases.exchange.passing import pass_on
from tocsin.cli.cases.judging import hypothesis, reading, truth
from tocsin.cli.cases.looking.listing import list_cases, search
from tocsin.cli.cases.looking.showing import brief, evidence, show
from tocsin.cli.cases.shifts import handover, key, takeover


@click.group()
def case() -> None:
    """Report incidents, ask who sees them too, close them.

    A case begins with a report, and is called by it: birch.1.12 is entry 12 of birch's first log. Every
    record has a name of that form.
    """


for command in (observe, observed, forget, match, attach, fetch, import_file, export, pass_on):
    case.add_command(command)
for command in (list_cases, show, search, brief, evidence):
    case.add_command(command)
for command in (report, ask, answer, ack, link, correct, withdraw, position, close, handover, takeover, key):
    case.add_command(command)
for command in (hypothesis, reading, truth):
    case.add_command(command)
