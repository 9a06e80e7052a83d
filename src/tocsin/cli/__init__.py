"""The command line: what a person or a script can ask of a node, split by noun.

- `main` is the program. The table below names every command and says it in a sentence; its module is
  imported when it is used, so that `tocsin --help` and `tocsin verify` start at once.
- What goes wrong ends in `failing`; what others wrote passes `terminal`; `words` says records in plain words.
- Commands that need the running node speak to it over its Unix socket (`reaching`); the others need none.
"""

import importlib
import io
import os
import sys

import click

import tocsin
from tocsin.cli.ending import interruptible
from tocsin.cli.failing import exit_code_of, tell, unforeseen
from tocsin.cli.options import wants_json
from tocsin.core.errors import TocsinError

COMMANDS = {
    "init": ("tocsin.cli.node", "Make a folder for a node, and the organisation's key."),
    "run": ("tocsin.cli.node", "Run the node."),
    "doctor": ("tocsin.cli.doctor", "Say what is wrong here, and what to do about it."),
    "org": ("tocsin.cli.organisation.group", "Make the organisation key, and sign with it, offline."),
    "circle": ("tocsin.cli.circle.group", "Found circles, change them, leave them."),
    "epoch": ("tocsin.cli.epoch.group", "Give your node new keys: draft, adopt, cancel, list."),
    "case": ("tocsin.cli.cases.group", "Report incidents, ask who sees them too, close them."),
    "readings": (
        "tocsin.cli.readings.group",
        "Show what cases were, by all that their members make of them.",
    ),
    "note": ("tocsin.cli.records.note", "Write a note to every member of a circle."),
    "check": ("tocsin.cli.checks.group", "Ask every duty desk of a circle whether it answers."),
    "records": ("tocsin.cli.records.listing", "Show what the members have said."),
    "record": ("tocsin.cli.records.group", "Erase records of your own, and keep others' by a legal hold."),
    "erasures": ("tocsin.cli.records.erasures", "Show what was ordered to be erased, and who has answered."),
    "watch": ("tocsin.cli.records.watch", "Ring when something new arrives."),
    "alert": ("tocsin.cli.alert", "Try the alerts that call people to this node."),
    "phone": ("tocsin.cli.phone.command", "Show what you and a member read to each other in a call."),
    "console": ("tocsin.cli.console", "Let people in who use the console, and sign them out."),
    "status": ("tocsin.cli.status", "Show who has received what of whom."),
    "carry": ("tocsin.cli.carry.group", "Exchange by files, where no network leads."),
    "log": ("tocsin.cli.evidence.making", "Hand out a log for auditors."),
    "evidence": ("tocsin.cli.evidence.keeping", "Show and hand out what others signed and must not have."),
    "prove": ("tocsin.cli.evidence.making", "Write a proof of one record, for anyone."),
    "verify": ("tocsin.cli.evidence.verify", "Check a proof file or other evidence, offline."),
    "backup": ("tocsin.cli.backup.making", "Make a backup of the node, while it runs."),
    "restore": ("tocsin.cli.backup.restoring", "Restore a node from a backup."),
    "conform": ("tocsin.cli.conform.group", "Test whether an endpoint keeps to the protocol."),
    "demo": ("tocsin.cli.demo", "Watch five invented organisations carry an incident to each other."),
}
"""Each command's module, which has it under its name, and what it does."""


class Commands(click.Group):
    """The table of commands, imported one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the table's order, which is that of a newcomer's needs."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without an import of what it names."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what it raises of ours is shown as `failing` has it."""
        try:
            with interruptible():
                return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except Exception as error:  # noqa: BLE001 - what is not foreseen ends with a word and a number, too
            known = error if isinstance(error, TocsinError | OSError) else unforeseen(error)
            tell(known, as_json=wants_json(ctx))
            ctx.exit(exit_code_of(known))


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="To see it: tocsin demo. To begin: tocsin init. When something is wrong: tocsin doctor.",
)
@click.version_option(tocsin.__version__, message="tocsin %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Lines between organisations that answer AI incidents.

    Each organisation runs a node of its own. It writes in a log that only it can continue, and keeps those of
    all the others. A group of organisations that does so is a circle.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if os.environ.get("NO_COLOR"):
        ctx.color = False
