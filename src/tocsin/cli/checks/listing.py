"""`check list`: which checks there were, one's own response times, and the median of the others'."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.checks import ChecksView, CheckView
from tocsin.cli.cases.naming import named
from tocsin.cli.cases.words import quote
from tocsin.cli.checks.words import lasted
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen, reach
from tocsin.cli.terminal import bad, dotted, faint, good, json_text, lately, say_next, strong, waiting

_INDENT = "  "
_SHOWN = 20


@click.command("list", cls=Command, examples=("tocsin check list", "tocsin check list --json"))
@circle_option
@config_option
@json_option
def list_checks(*, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show communication checks, your response times, and the median of the others.

    The newest come first; with --json, all that are looked at: the newest 20 of each member. How many have
    answered is said, and who has not confirmed that its node received yours; who has answered is not, nor how
    soon: that is each desk's own. Each member counts once for the median, which is there when three others
    have answered.
    """
    client = reach(config_path)
    state = chosen(client.status(), circle)
    view = client.checks(state.id)
    if as_json:
        click.echo(json_text(named(view)))
        return
    if not view.checks:
        click.echo("Nobody has checked yet.")
        say_next("check whether the others answer:", "tocsin check")
        return
    drill = f"{waiting('DRILL')} " if state.drill else ""
    for check in view.checks[:_SHOWN]:
        click.echo("\n".join(_lines(check, view.now_ms, drill)))
    click.echo("\n" + "\n".join(_medians(view)))


def _lines(check: CheckView, now_ms: int, drill: str) -> Iterator[str]:
    answered = f"{check.answered} of {check.asked} answered"
    yield from dotted(
        (
            f"{drill}{strong(str(check.ref))}",
            _stands(check, now_ms),
            good(answered) if check.answered == check.asked else answered,
            faint(lately(check.came_ms, now_ms)),
        )
    )
    if check.record.text:
        yield from quote(check.record.text, _INDENT)
    if check.unconfirmed:
        yield _INDENT + waiting(f"not yet received by {', '.join(check.unconfirmed)}")


def _stands(check: CheckView, now_ms: int) -> str:
    """How it stands for us."""
    match check.state:
        case "own":
            return "yours"
        case "waiting":
            by = "" if check.due_by_ms is None else f", by {lately(check.due_by_ms, now_ms)}"
            return bad(f"waits for your answer{by}")
        case "missed":
            return waiting("not answered in time")
        case "not-asked":
            return "observers are not asked"
        case "answered":
            took = "" if check.response_ms is None else f" after {lasted(check.response_ms)}"
            return good(f"you answered{took}")


def _medians(view: ChecksView) -> Iterator[str]:
    if view.own_median_ms is not None:
        yield f"Your median response time, of {view.own_answers}: {strong(lasted(view.own_median_ms))}"
    if view.circle_median_ms is not None:
        yield f"The median of {view.others} other desks: {strong(lasted(view.circle_median_ms))}"
    else:
        yield faint("The median of the others is shown when three of them have answered.")
