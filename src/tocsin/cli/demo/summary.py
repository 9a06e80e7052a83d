"""The last scene: what was shown, counted and measured."""

from tocsin.circles.events import Confirmed
from tocsin.cli.demo.day.replay import Replayed
from tocsin.cli.demo.screen import Facts, Screen
from tocsin.cli.demo.stage import Stage
from tocsin.cli.terminal import strong


class Summary(Facts, frozen=True, kw_only=True, tag="summary"):
    """All of it together. `confirmations`: signatures on another's log, each verified by its author."""

    scenes: list[str]
    nodes: int
    circles: int
    entries_at_each: int
    confirmations: int
    by_all_ms: list[float]
    took_s: float


async def show_summary(stage: Stage, screen: Screen) -> None:
    """Scene: what you have seen."""
    screen.headline("What you have seen")
    screen.table([(strong(name), words) for name, words in (facts.in_words() for facts in screen.shown)])
    circles = {
        circle: line.circle for desk in stage.desks.values() for circle, line in desk.node.lines.items()
    }
    summary = Summary(
        scenes=[str(facts.__struct_config__.tag) for facts in screen.shown],
        nodes=len(stage.desks),
        circles=len(circles),
        entries_at_each=sum([await stage.same(circle) for circle in circles.values()]),
        confirmations=sum(isinstance(seen.event, Confirmed) for seen in stage.watch.seen),
        by_all_ms=[
            statement.by_all_ms
            for facts in screen.shown
            if isinstance(facts, Replayed)
            for statement in facts.statements
        ],
        took_s=round(screen.elapsed_s, 1),
    )
    screen.line()
    screen.say(
        f"{summary.nodes} nodes in {summary.circles} circles gave {summary.confirmations} confirmations, "
        f"each a signature that was verified. Every node holds the same {summary.entries_at_each} entries."
    )
    screen.facts(summary)
