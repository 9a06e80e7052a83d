"""All figures as a text of columns."""

from collections.abc import Iterator, Mapping, Sequence

from validation.simulating.running import Scores
from validation.simulating.scoring import Mean, Score
from validation.simulating.targets import Target

_HEAD = (
    "scenario",
    "method",
    "accuracy",
    "Brier",
    "confident, wrong",
    "95 % interval",
    "undetermined",
    "configuration",
)


def table(scenarios: Mapping[str, Scores], targets: Sequence[Target]) -> str:
    """By scenario, a line a method; then a line a target."""
    lines: list[tuple[str, ...]] = [_HEAD]
    for name, of in scenarios.items():
        lines += [
            _line(name, "majority vote", of.majority),
            _line("", "naive fusion", of.naive),
            _line("", "Dawid–Skene", of.dawid_skene),
            _line("", "ours", of.ours),
        ]
    verdicts = [("ours, confident and wrong", "at most", "found", "")]
    verdicts += [
        (one.what, f"{one.most:.3%}", f"{one.found:.3%}", "met" if one.met else "MISSED") for one in targets
    ]
    return "\n".join((*_columns(lines), "", *_columns(verdicts)))


def _line(scenario: str, method: str, score: Score) -> tuple[str, ...]:
    low, high = score.interval
    return (
        scenario,
        method,
        _mean(score.accuracy),
        _mean(score.brier),
        f"{score.rate:.3%}",
        f"{low:.3%} to {high:.3%}",
        "" if score.undetermined is None else f"{score.undetermined:.1%}",
        score.configuration or "",
    )


def _mean(of: Mean) -> str:
    return f"{of.value:.3f} ± {of.error:.3f}"


def _columns(lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(map(str.ljust, line, widths)).rstrip()
