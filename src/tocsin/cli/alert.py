"""`alert`: whether what is configured in `[[alerts]]` reaches anyone. It needs no running node."""

import asyncio
from pathlib import Path

import click

from tocsin.cli.options import Command, config_option, json_option
from tocsin.cli.terminal import bad, beside, good, json_text, shown
from tocsin.node.alerting.channels import Channel, open_channels
from tocsin.node.alerting.telling import trial
from tocsin.node.clock import SystemClock
from tocsin.node.config import load_config
from tocsin.node.errors import AlertFailed, MalformedConfig

_ROOM = 8


@click.group()
def alert() -> None:
    """Try the alerts that call people to this node.

    What may call them stands in the configuration (`[[alerts]]` in docs/configuration.md). The node rings for
    an ask or a report that nobody here has acknowledged, again and again, until somebody has.
    """


@alert.command(cls=Command, examples=("tocsin alert test", "tocsin alert test desk-mail --json"))
@click.argument("names", metavar="[NAME]...", nargs=-1)
@config_option
@json_option
def test(*, names: tuple[str, ...], config_path: Path, as_json: bool) -> None:
    """Send a message that says that it is a test through all alerts, or those of these names."""
    config = load_config(config_path)
    known = [one.name for one in config.alerts]
    settings = [one for one in config.alerts if not names or one.name in names]
    unknown = sorted({*names}.difference(known))
    if unknown or not settings:
        wanted = f"one of the alerts {', '.join(known)}" if known else "an alert that is configured"
        raise MalformedConfig(
            f"Expected {wanted}, found {', '.join(unknown) or 'none'}. "
            f"Next: add a table `[[alerts]]` to {config_path}."
        )
    failures = asyncio.run(_send(open_channels(settings), config.desk.name))
    if as_json:
        click.echo(json_text([{"name": name, "failure": why or None} for name, why in failures.items()]))
    else:
        for name, why in failures.items():
            mark = bad("WRONG") if why else good("fine ")
            click.echo("\n".join(beside(f"{mark}  {name}", shown(why or "handed over"), _ROOM)))
    if failed := [name for name, why in failures.items() if why]:
        raise AlertFailed(
            f"Expected all alerts to go out, found {len(failed)} that did not: {', '.join(failed)}."
        )


async def _send(channels: list[Channel], node: str) -> dict[str, str]:
    """Why each did not go out; nothing where it did."""
    return dict(await asyncio.gather(*(_try(channel, node) for channel in channels)))


async def _try(channel: Channel, node: str) -> tuple[str, str]:
    now_ms = SystemClock().wall_ms()
    try:
        await channel.way.send(trial(node, now_ms), now_ms)
    except AlertFailed as failure:
        return channel.settings.name, str(failure)
    return channel.settings.name, ""
