"""The evidence archive: the whole case in one file, opened elsewhere, and packed anew by a forger."""

import asyncio
import hashlib

from tocsin.cases.archive.making import MANIFEST, PAGE, record_file
from tocsin.cases.archive.zipping import read_zip, write_zip
from tocsin.cli.demo.day.asking import Asking
from tocsin.cli.demo.proving.verifying import holds, is_refused, moved
from tocsin.cli.demo.screen import Facts, Screen
from tocsin.cli.demo.script import looks
from tocsin.cli.demo.script.asked import READ_IN
from tocsin.cli.demo.script.cast import GARAM
from tocsin.cli.demo.stage import Stage
from tocsin.cli.terminal import shown
from tocsin.node.api.cases.found import ArchiveQuery

_MOST_LINES = 12
_WAS, _BECOMES = "0.26", "0.96"


class Archived(Facts, frozen=True, kw_only=True, tag="archive"):
    """A case's archive held, in an empty folder, with the circle's id alone; a forged letter was found.

    `changed_in` is the file of the archive in which the letter was changed, with its hash in the manifest.
    """

    circle: str
    case: str
    file: str
    size_bytes: int
    exit_code: int
    said: str
    changed_in: str
    changed_from: str
    changed_to: str
    exit_code_changed: int
    said_changed: str

    def in_words(self) -> tuple[str, str]:
        """See Facts."""
        return "An archive", "a whole case in one file; refused with one letter changed"


async def show_archive(stage: Stage, screen: Screen, asking: Asking) -> None:
    """Scene: the case that was asked about, for whoever comes in five years."""
    screen.headline("The whole case, opened elsewhere")
    await screen.look(*looks.ARCHIVE)
    circle, case = asking.circle.id, str(asking.case)
    api = stage.desks[GARAM.slug].cases
    archive = await asyncio.to_thread(api.archive, circle, case, ArchiveQuery(lang=READ_IN))
    path = moved(stage, "abroad", f"{case}.zip", archive)
    page = path.with_name(PAGE)
    screen.say(
        f"{GARAM.name}'s node writes the case with everything that shows it: {len(archive):,} bytes. It goes "
        "to another empty folder, and is checked there."
    )
    screen.line()
    held = await holds(screen, path, circle, most_lines=_MOST_LINES)
    await screen.pause(6)
    changed_in = record_file(case, b"")
    path.write_bytes(_forged(archive, changed_in))
    screen.line()
    screen.say(
        f"A forger changes one letter of what {GARAM.name} reported: {_WAS} % becomes {_BECOMES} %. The new "
        "hash goes into the manifest, and all is packed again:"
    )
    screen.line()
    refused = await is_refused(screen, path, circle)
    path.write_bytes(archive)
    page.write_bytes(read_zip(archive)[PAGE])
    screen.line()
    screen.say("Its page verifies itself in any browser, without any network.")
    if screen.windows:
        screen.line("Open it while this runs:")
        screen.line(shown(page.as_uri()))
    screen.facts(
        Archived(
            circle=circle,
            case=case,
            file=path.name,
            size_bytes=len(archive),
            exit_code=held.exit_code,
            said=held.said,
            changed_in=changed_in,
            changed_from=_WAS,
            changed_to=_BECOMES,
            exit_code_changed=refused.exit_code,
            said_changed=refused.said,
        )
    )
    await screen.pause(4)


def _forged(archive: bytes, name: str) -> bytes:
    """The archive with one letter of that file changed, and well packed."""
    files = read_zip(archive)
    before = files[name]
    after = before.replace(_WAS.encode(), _BECOMES.encode(), 1)
    was, becomes = (hashlib.sha256(content).hexdigest().encode() for content in (before, after))
    return write_zip(files | {name: after, MANIFEST: files[MANIFEST].replace(was, becomes)})
