"""The last scenes: a proof for somebody who trusts none of the five, and the summary.

`tocsin verify` is run as anybody would run it: another process, in a folder where nothing lies but the proof.
"""

import asyncio
import os
import sys
from base64 import b64decode
from itertools import count
from pathlib import Path

from tocsin.circles.events import Confirmed
from tocsin.cli.demo.replay import Replayed
from tocsin.cli.demo.screen import Facts, Screen, fitting
from tocsin.cli.demo.stage import Stage, Uttered
from tocsin.cli.demo.watch import DidNotHappen
from tocsin.cli.terminal import bad, columns, faint, good, strong, width

_FILE = "denial.tlog-proof"
_RUN = "from tocsin.cli import main; main(prog_name='tocsin')"
_VERIFY_S = 60.0
_REFUSED = 1
_TRANSCRIPT = "  "


class Proved(Facts, frozen=True, kw_only=True, tag="proof"):
    """A proof file held, in an empty folder, with the circle's id alone; with one letter changed, not."""

    circle: str
    file: str
    size_bytes: int
    exit_code: int
    said: str
    changed_letter: int
    changed_from: str
    changed_to: str
    exit_code_changed: int
    said_changed: str

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "A proof", "needs the circle's id alone; refused with one letter changed"


class Summary(Facts, frozen=True, kw_only=True, tag="summary"):
    """All of it together. `confirmations`: signatures on another's log, each verified by its author."""

    scenes: list[str]
    nodes: int
    circles: int
    entries_at_each: int
    confirmations: int
    by_all_ms: list[float]
    took_s: float


async def show_proof(stage: Stage, screen: Screen, denial: Uttered) -> None:
    """Scene: proof of the denial."""
    screen.headline("A proof for somebody who trusts none of them")
    api = stage.desks[denial.author.slug].api
    proof = await asyncio.to_thread(api.proof, denial.circle.id, denial.log, denial.index)
    elsewhere = stage.folder / "elsewhere"
    elsewhere.mkdir()
    made = stage.folder / denial.author.slug / _FILE
    made.write_bytes(proof)
    path = made.rename(elsewhere / _FILE)
    screen.say(
        f"{denial.author.name}'s node proves that it wrote the denial, and who holds it: a file of "
        f"{len(proof):,} bytes. It is moved to an empty folder, and checked there with the circle's id alone."
    )
    screen.line()
    exit_code, said = await _verify(screen, path, denial)
    if exit_code != 0:
        raise DidNotHappen(f"Expected the proof to hold, found that it does not. {said}")
    await screen.pause(6)
    changed, place = _with_one_letter_changed(proof)
    path.write_bytes(changed)
    before, after = chr(proof[place]), chr(changed[place])
    screen.line()
    screen.say(
        f"Now one letter of its record is changed: no. {place + 1:,} of the file, from {before} to {after}."
    )
    screen.line()
    exit_code_changed, said_changed = await _verify(screen, path, denial)
    if exit_code_changed != _REFUSED:
        raise DidNotHappen(f"Expected the changed proof to be refused, found exit code {exit_code_changed}.")
    path.write_bytes(proof)
    screen.facts(
        Proved(
            circle=denial.circle.id,
            file=_FILE,
            size_bytes=len(proof),
            exit_code=exit_code,
            said=said,
            changed_letter=place + 1,
            changed_from=before,
            changed_to=after,
            exit_code_changed=exit_code_changed,
            said_changed=said_changed,
        )
    )
    await screen.pause(4)


def show_summary(stage: Stage, screen: Screen) -> None:
    """What was shown, counted and measured."""
    screen.headline("What you have seen")
    screen.table([(strong(name), words) for name, words in (facts.in_words() for facts in screen.shown)])
    circles = {
        circle: line.circle for desk in stage.desks.values() for circle, line in desk.node.lines.items()
    }
    summary = Summary(
        scenes=[str(facts.__struct_config__.tag) for facts in screen.shown],
        nodes=len(stage.desks),
        circles=len(circles),
        entries_at_each=sum(stage.check_same(circle) for circle in circles.values()),
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


async def _verify(screen: Screen, path: Path, denial: Uttered) -> tuple[int, str]:
    """Run `tocsin verify` in the folder of that file: its exit code, and what it says."""
    screen.line(faint(f"$ tocsin verify {path.name} --circle {denial.circle.id[:8]}…"), _TRANSCRIPT)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _RUN, "verify", path.name, "--circle", denial.circle.id),
        cwd=path.parent,
        env=os.environ | {"COLUMNS": str(columns() - width(_TRANSCRIPT))},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(_VERIFY_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise DidNotHappen(f"Expected `tocsin verify` to end within {_VERIFY_S:g} s; it did not.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    exit_code, said = int(process.returncode or 0), output.decode()
    for line in said.splitlines():
        screen.line(fitting(line, _TRANSCRIPT), _TRANSCRIPT)
    screen.line((good if exit_code == 0 else bad)(f"exit code {exit_code}"), _TRANSCRIPT)
    return exit_code, said


def _with_one_letter_changed(proof: bytes) -> tuple[bytes, int]:
    """The file with another letter in the middle of its record, and that letter's place in it."""
    start = proof.index(b"extra ") + len(b"extra ")
    extra = b64decode(proof[start : proof.index(b"\n", start)])
    record = extra.index(b'"record":"') + len(b'"record":"')
    middle = (record + extra.index(b'"', record)) // 2
    # The record is base64 within base64. Of each three letters within, the last one's lower bits are a letter
    # of the file: changed to B or C, that makes another letter within, and changes nothing else.
    for at in count(middle + (2 - middle) % 3, 3):
        place = start + at // 3 * 4 + 3
        if chr(extra[at]).isalpha() and chr(proof[place]).isalpha():
            other = b"C" if proof[place : place + 1] == b"B" else b"B"
            return proof[:place] + other + proof[place + 1 :], place
    raise AssertionError
