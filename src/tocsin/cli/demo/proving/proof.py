"""A proof of one record: who wrote it, and who holds it."""

import asyncio
from base64 import b64decode
from itertools import count

from tocsin.cli.demo.proving.verifying import holds, is_refused, moved
from tocsin.cli.demo.screen import Facts, Screen
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.stage import Stage, Uttered

_FILE = "denial.tlog-proof"


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


async def show_proof(stage: Stage, screen: Screen, denial: Uttered) -> None:
    """Scene: proof of the denial."""
    screen.headline("A proof for somebody who trusts none of them")
    await screen.look(*looks.PROOF)
    api = stage.desks[denial.author.slug].api
    proof = await asyncio.to_thread(api.proof, denial.circle.id, denial.log, denial.index)
    path = moved(stage, "elsewhere", _FILE, proof)
    screen.say(
        f"{denial.author.name}'s node proves that it wrote the denial, and who holds it: a file of "
        f"{len(proof):,} bytes. It is moved to an empty folder, and checked there with the circle's id alone."
    )
    screen.line()
    held = await holds(screen, path, denial.circle.id)
    await screen.pause(6)
    changed, place = _with_one_letter_changed(proof)
    path.write_bytes(changed)
    before, after = chr(proof[place]), chr(changed[place])
    screen.line()
    screen.say(
        f"Now one letter of its record is changed: no. {place + 1:,} of the file, from {before} to {after}."
    )
    screen.line()
    refused = await is_refused(screen, path, denial.circle.id)
    path.write_bytes(proof)
    screen.facts(
        Proved(
            circle=denial.circle.id,
            file=_FILE,
            size_bytes=len(proof),
            exit_code=held.exit_code,
            said=held.said,
            changed_letter=place + 1,
            changed_from=before,
            changed_to=after,
            exit_code_changed=refused.exit_code,
            said_changed=refused.said,
        )
    )
    await screen.pause(4)


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
