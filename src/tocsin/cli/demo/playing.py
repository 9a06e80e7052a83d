"""The scenes, in their order."""

from tocsin.cli.demo.day.asking import Asking, show_asking
from tocsin.cli.demo.day.briefing import show_brief
from tocsin.cli.demo.day.calling import show_call
from tocsin.cli.demo.day.founding import show_founding
from tocsin.cli.demo.day.replay import show_cut, show_replay
from tocsin.cli.demo.day.together import show_readings
from tocsin.cli.demo.day.truth import show_truth
from tocsin.cli.demo.proving.archive import show_archive
from tocsin.cli.demo.proving.proof import show_proof
from tocsin.cli.demo.screen import Screen
from tocsin.cli.demo.stage import Stage
from tocsin.cli.demo.summary import show_summary
from tocsin.cli.demo.trials import show_impostor, show_two_versions
from tocsin.cli.demo.windows.guide import Guide
from tocsin.cli.demo.years.burnt import show_burnt_disk
from tocsin.cli.demo.years.carried import show_carried
from tocsin.cli.demo.years.leaving import show_leaving
from tocsin.cli.demo.years.stolen import show_stolen_key
from tocsin.cli.terminal import strong


async def introduce(screen: Screen) -> None:
    """What this is."""
    screen.line()
    screen.line(strong("tocsin: when one bell rings, the others answer"), "  ")
    screen.line()
    screen.say(
        "Five organisations that do not exist, with nodes that do. What they carry is real: what was "
        "published about the false picture of an explosion near the Pentagon, on 22 May 2023. Every time in "
        "milliseconds is measured as you watch, on this one machine, whose disk all five share.",
        "  ",
    )
    await screen.pause(5)


async def nobody(_asking: Asking) -> bool:
    """Nobody takes part."""
    return False


async def play(stage: Stage, screen: Screen, guide: Guide | None) -> None:
    """All of it; with a guide, for whoever watches in windows. Raises DidNotHappen."""
    circle = await show_founding(stage, screen)
    if guide:
        await guide.welcome()
    told = await show_replay(stage, screen, circle)
    asking = await show_asking(stage, screen, circle, guide.take_part if guide else nobody)
    await show_readings(stage, screen, circle, told.case)
    await show_impostor(stage, screen, circle)
    await show_call(stage, screen, circle)
    await show_cut(stage, screen, circle)
    await show_carried(stage, screen, circle)
    await show_brief(stage, screen, asking)
    await show_two_versions(stage, screen)
    await show_stolen_key(stage, screen, circle)
    await show_burnt_disk(stage, screen, circle)
    await show_truth(stage, screen, circle, told.case)
    await show_leaving(stage, screen, circle)
    await show_proof(stage, screen, told.denial)
    await show_archive(stage, screen, asking)
    await show_summary(stage, screen)
    if guide:
        await guide.stay()
