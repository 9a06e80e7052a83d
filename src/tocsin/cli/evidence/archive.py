"""`verify` of an archive of a case: every record in it with its proof, and its page."""

from collections.abc import Iterator

import click

from tocsin.cases.archive import Opened
from tocsin.circles.evidence.prooffile import ProofFacts
from tocsin.cli.evidence.findings import named
from tocsin.cli.terminal import faint, good, json_text, paragraph, shown, strong, waiting

_UNKNOWN_PAGE = "The page is not as this version writes it: what it does in a browser is not checked here."


def tell_archive(opened: Opened[ProofFacts], circle: str, *, as_json: bool) -> None:
    """Say what an archive proves."""
    if as_json:
        click.echo(json_text(_as_json(opened)))
        return
    click.echo("\n".join([f"{good('VERIFIED')}\n", *_lines(opened, circle)]))


def _lines(opened: Opened[ProofFacts], circle: str) -> Iterator[str]:
    yield f"  case      {strong(shown(opened.case))}"
    yield f"  circle    {circle}"
    yield f"  records   {len(opened.proven)}, each with its proof, and the page shows these"
    if not opened.page_known:
        yield from map(waiting, paragraph(_UNKNOWN_PAGE, " " * 12))
    for name, facts in sorted(opened.proven.items(), key=_place):
        holders = ", ".join(one.member.slug for one in facts.holders) or "nobody, as far as this shows"
        yield f"            {strong(shown(name))} by {named(facts.author)}; held by {holders}"
    for one in opened.unproven:
        yield f"            {waiting(f'{shown(one.name)} has no proof: {shown(one.why)}')}"
    if opened.attachments:
        yield f"  attached  {len(opened.attachments)}, each as it was put in"
    yield ""
    words = "This does not show that what was said is true. Times are those of the members' own clocks."
    yield from map(faint, paragraph(words, "  "))


def _place(one: tuple[str, ProofFacts]) -> tuple[str, int, int]:
    facts = one[1]
    return facts.author.slug, facts.author.log.epoch, facts.index


def _as_json(opened: Opened[ProofFacts]) -> dict[str, object]:
    return {
        "kind": "case-archive",
        "circle": opened.circle,
        "case": opened.case,
        "proven": {
            name: {
                "member": facts.author.slug,
                "holders": [one.member.slug for one in facts.holders],
                "economies": list(facts.economies),
            }
            for name, facts in opened.proven.items()
        },
        "unproven": list(opened.unproven),
        "page_known": opened.page_known,
        "attachments": list(opened.attachments),
    }
