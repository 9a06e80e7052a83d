"""`readings scores`: how good one's own readings were, and what all said together."""

from collections.abc import Iterator
from pathlib import Path

import click

from tocsin.cli.cases.looking.picture import count
from tocsin.cli.options import Command, circle_option, config_option, json_option
from tocsin.cli.reaching import chosen
from tocsin.cli.terminal import bad, faint, good, json_text, paragraph, strong, table, waiting
from tocsin.node.caseclient import CaseClient
from tocsin.node.casework.assessing.learning import Baseline, Scored
from tocsin.node.config import load_config
from tocsin.readings.scoring import Scores

_INDENT = "  "
_TOO_SURE = 1.05
_NOT_SURE_ENOUGH = 0.95


@click.command(cls=Command, examples=("tocsin readings scores", "tocsin readings scores --json"))
@circle_option
@config_option
@json_option
def scores(*, circle: str | None, config_path: Path, as_json: bool) -> None:
    """Show how good your own readings were, and what all said together.

    Scored is by the newest closed cases of which it is known what they were: at most 1,000, and none about
    which members differ. Your own scores are for your own eyes. Nobody else's readings are scored here.
    """
    client = CaseClient(load_config(config_path).api_socket)
    state = chosen(client.status(), circle)
    found = client.scores(state.id)
    if as_json:
        click.echo(json_text(found))
        return
    if state.drill:
        click.echo(waiting("DRILL: nothing in this is real."))
    click.echo("\n".join(lines(found)))


def lines(found: Scored) -> Iterator[str]:
    """Both, one after the other."""
    for title, one in (("Your own readings", found.own), ("All readings together", found.merged)):
        yield f"{strong(title)} · {count(one.count, 'case')}" if one else f"{strong(title)} · none yet"
        if one:
            yield from _scores(one, found.baseline)
        yield ""
    told = (
        f"It is known of {count(found.cases, 'closed case')} what it was. Less is better of a Brier score "
        "(0 to 2) and of a log score (in nats). Who knows nothing always says 20 % of each kind: who is no "
        "better than that told nobody anything."
    )
    yield from map(faint, paragraph(told, ""))
    if found.learning:
        yield waiting("Cases are still being read: it may change.")


def _scores(one: Scores, baseline: Baseline) -> Iterator[str]:
    hits, by_chance = f"{100 * one.hits:.0f} %", f"{100 * baseline.hits:.0f} %"
    yield from table(
        [
            ("Brier score", f"{one.brier:.2f}", _beside(one.brier, baseline.brier)),
            ("log score", f"{one.log_score:.2f}", _beside(one.log_score, baseline.log_score)),
            ("the likeliest came true", hits, f"by chance {by_chance}"),
            ("held to be so likely", f"{100 * one.sharpness:.0f} %", ""),
            ("calibration error", f"{one.calibration_error:.2f}", "at best 0.00"),
            (
                "temperature",
                f"{one.temperature:.2f}",
                f"{_sure(one.temperature)}: its 90 % is worth {one.ninety_permille / 10:.0f} %",
            ),
        ]
    )
    for found in one.reliability:
        low, high = found.interval
        yield (
            f"{_INDENT}said {100 * found.forecast:.0f} %: came true in {100 * found.observed:.0f} % of "
            f"{count(found.count, 'case')} ({100 * low:.0f} to {100 * high:.0f} % is possible)"
        )


def _beside(score: float, baseline: float) -> str:
    """How it compares, as far as it is shown, with who always says the same."""
    told, other = f"{score:.2f}", f"{baseline:.2f}"
    if told == other:
        return f"as good as always saying 20 % of each: {other}"
    compared = good("better") if score < baseline else bad("worse")
    return f"{compared} than always saying 20 % of each: {other}"


def _sure(temperature: float) -> str:
    if temperature > _TOO_SURE:
        return "too sure"
    return "not sure enough" if temperature < _NOT_SURE_ENOUGH else "about as sure as it was right"
