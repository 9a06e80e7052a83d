"""`doctor`: what is wrong with a node, in plain words, and what to do next.

It looks at everything that a node stands on, whether the node runs or not, and changes nothing. A finding is
*fine*, a *note*, or *wrong*; with anything wrong the exit code is 1.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import click
import msgspec

from tocsin.cases.delivery import read_hours
from tocsin.cli.failing import in_words
from tocsin.cli.options import Command, config_option, json_option
from tocsin.cli.organisation.keyfile import public_path, read_either, secret_path
from tocsin.cli.terminal import bad, beside, good, json_text, moment, strong, waiting
from tocsin.core.errors import TocsinError
from tocsin.core.keys import SigningKey
from tocsin.log.marker import Marker
from tocsin.log.sqlite import SqliteStore
from tocsin.log.sqlite.lock import Lock
from tocsin.log.sqlite.migrating import OlderDatabase
from tocsin.node.alerting.channels import open_channels
from tocsin.node.alerting.desks import zone
from tocsin.node.api.changetypes import EpochsState
from tocsin.node.api.types import CircleState, Health, Status, Trouble
from tocsin.node.client import Client, NoAnswer
from tocsin.node.clock import SystemChance, SystemClock
from tocsin.node.config import Config, load_config
from tocsin.node.folder import Folder
from tocsin.node.papers.founding import Founding, all_kept, kept_bundle
from tocsin.node.papers.organisation import MODES

Level = Literal["fine", "note", "wrong"]

_OTHERS = 0o077
_LITTLE_ROOM_BYTES, _NO_ROOM_BYTES = 2 * 10**9, 2 * 10**8
_MIN_MS = 1_735_689_600_000
"""1 January 2025: a clock that shows less was never set."""
_CLOCKS_APART_MS = 60_000
_ROOM = 25

_TROUBLES: dict[str, tuple[str, Level]] = {
    "alert-failed": ("alerts", "wrong"),
    "clock": ("clock", "wrong"),
    "disputed-epoch": ("disputed epoch", "wrong"),
    "failed": ("node", "wrong"),
    "frozen": ("charter", "wrong"),
    "keys-old": ("online keys", "note"),
    "missing": ("records missing", "note"),
    "part-failed": ("part of the node", "wrong"),
    "storage-full": ("room", "wrong"),
    "storage-low": ("room", "wrong"),
    "suspended": ("suspended", "note"),
    "trouble": ("not reached", "wrong"),
    "two-versions": ("two versions", "wrong"),
    "writes-halted": ("writing stopped", "wrong"),
}
_NEXT_STEPS = {
    "failed": "see the node's log; it has stopped, or is about to.",
    "missing": "none: they are asked for again and again. Ask that member if it lasts.",
    "storage-full": "make room; the node goes on by itself.",
    "trouble": "talk to that member by another way; it is all sent when it can be reached.",
    "two-versions": "talk to them by another way; the evidence: `tocsin evidence export MEMBER`.",
}


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `next`: what to do."""

    level: Level
    about: str
    words: str
    next: str = ""


@click.command(cls=Command, examples=("tocsin doctor", "tocsin doctor --json"))
@config_option
@json_option
@click.pass_context
def doctor(ctx: click.Context, *, config_path: Path, as_json: bool) -> None:
    """Say what is wrong here, and what to do about it.

    Looks at the configuration, files and keys, clock and disk, at the database and its marker, and at the
    running node. It changes nothing. Exit code 0 says that nothing is wrong, 1 that something is.
    """
    findings = list(examine(config_path, SystemClock().wall_ms()))
    wrong = sum(finding.level == "wrong" for finding in findings)
    if as_json:
        click.echo(json_text(findings))
    else:
        for finding in findings:
            click.echo("\n".join(_lines(finding)))
        click.echo(f"\n{bad(f'{wrong} to mend.') if wrong else good('Nothing is wrong.')}")
    ctx.exit(1 if wrong else 0)


def examine(config_path: Path, now_ms: int) -> Iterator[Finding]:
    """Everything that there is to say about the node of that configuration."""
    try:
        config = load_config(config_path)
    except TocsinError as error:
        yield _wrong("configuration", error)
        return
    yield Finding("fine", "configuration", f"{config_path} can be used")
    yield from _seen("data folder", _files(config))
    yield from _seen("organisation key", _organisation_key(config, config_path.absolute().parent))
    yield from _seen("room", _room(config))
    yield from _seen("clock", _clock(config, now_ms))
    yield from _seen("alerts", _alerts(config))
    yield from _seen("node", _node(config, now_ms))


def _seen(about: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings; that one cannot look is one, too, and hides none of the others."""
    try:
        yield from findings
    except (TocsinError, OSError) as error:
        yield _wrong(about, error)


def _node(config: Config, now_ms: int) -> Iterator[Finding]:
    client = Client(config.api_socket)
    try:
        status, health = client.status(), client.health()
    except NoAnswer:
        yield from _seen("database", _stopped(config))
    else:
        epochs = {circle.id: client.epochs(circle.id) for circle in status.circles}
        yield from _running(config, status, health, epochs, now_ms)


def _files(config: Config) -> Iterator[Finding]:
    folder = config.data_folder
    if not folder.is_dir():
        yield Finding(
            "wrong",
            "data folder",
            f"{folder} is not there",
            "put it back, or make another with `tocsin init`.",
        )
        return
    readable = [path for path in (folder, *folder.rglob("*.key")) if path.stat().st_mode & _OTHERS]
    if readable:
        words = f"others on this machine may read {', '.join(map(str, readable))}"
        yield Finding("wrong", "data folder", words, f"`chmod -R go-rwx {folder}`; consider who has read it.")
    else:
        yield Finding("fine", "data folder", f"{folder} is readable by its owner alone")
    for founding in all_kept(folder):
        yield from _founding(config, founding)
    for circle in Folder.of(config).circles():
        yield from _keys(config, circle)


def _founding(config: Config, founding: Founding) -> Iterator[Finding]:
    title, files = founding.charter.title, founding.join_files()
    lacking = [member.slug for member in founding.charter.members if member.slug not in files]
    if lacking:
        words = f"{title}: no join file of {', '.join(lacking)} yet"
        yield Finding(
            "note", "circle", words, f"`tocsin circle join {founding.folder / 'charter.toml'} FILE…`"
        )
    elif founding.id not in Folder.of(config).circles():
        words = f"{title}: the keys of this node are gone"
        step = "put back the folder `keys` of the data folder; if it is gone, `tocsin circle recover`."
        yield Finding("wrong", "online keys", words, step)


def _keys(config: Config, circle: str) -> Iterator[Finding]:
    folder = Folder.of(config)
    for epoch in folder.epochs(circle):
        try:
            keys = folder.keys(circle, epoch)
            folder.phone_key(keys.member.log_name)
        except TocsinError as error:
            yield _wrong("online keys", error)


def _organisation_key(config: Config, folder: Path) -> Iterator[Finding]:
    for path in Folder.of(config).stray_keys():
        words = f"{path} lies in the data folder and is no key of the node's; it may be the organisation key"
        yield Finding("wrong", "organisation key", words, "move it to a medium that is connected to nothing.")
    for mode in MODES:
        path = secret_path(folder, mode)
        if path.exists():
            bare = ", and has no passphrase" if isinstance(read_either(path), SigningKey) else ""
            words = f"{path} is still on this machine{bare}"
            yield Finding(
                "note", "organisation key", words, "move it to a medium that is connected to nothing."
            )
        elif public_path(folder, mode).exists():
            yield Finding(
                "fine", "organisation key", f"the {mode} one is not beside the configuration, as it should be"
            )


def _alerts(config: Config) -> Iterator[Finding]:
    if not read_hours(config.desk.hours, zone).understood:
        words = f"{config.desk.hours!r} are words: this desk counts as always on duty"
        step = "write `desk.hours` as docs/configuration.md has it, such as `Mo-Fr 08:00-20:00 Asia/Seoul`."
        yield Finding("note", "desk hours", words, step)
    if config.alerts:
        names = ", ".join(channel.settings.name for channel in open_channels(config.alerts))
        yield Finding("fine", "alerts", f"{names}; whether they reach anyone, `tocsin alert test` shows")


def _room(config: Config) -> Iterator[Finding]:
    free_bytes = shutil.disk_usage(config.data_folder).free if config.data_folder.exists() else 0
    words = f"{free_bytes / 10**9:.1f} GB free for {config.data_folder}"
    if free_bytes < _NO_ROOM_BYTES:
        yield Finding("wrong", "room", words, "make room now: without it nothing is written or received.")
    elif free_bytes < _LITTLE_ROOM_BYTES:
        yield Finding("note", "room", words, "make room soon.")
    else:
        yield Finding("fine", "room", words)


def _clock(config: Config, now_ms: int) -> Iterator[Finding]:
    step = "set the clock, for example with `timedatectl set-ntp true`."
    database = Folder.of(config).database
    written_ms = database.stat().st_mtime_ns // 1_000_000 if database.exists() else 0
    if now_ms < _MIN_MS:
        yield Finding("wrong", "clock", f"it shows {moment(now_ms)}: it was never set", step)
    elif written_ms > now_ms + _CLOCKS_APART_MS:
        yield Finding(
            "wrong",
            "clock",
            f"it shows {moment(now_ms)}, the database was written {moment(written_ms)}",
            step,
        )
    else:
        yield Finding("fine", "clock", moment(now_ms))


def _stopped(config: Config) -> Iterator[Finding]:
    """The database, which nobody else should have open."""
    yield Finding("note", "node", f"does not run, or does not answer at {config.api_socket}", "`tocsin run`")
    folder = Folder.of(config)
    if not folder.database.exists():
        return
    # Nobody else has it open, and it is not brought up to date here.
    Lock(folder.database).release()
    try:
        store = SqliteStore(folder.database, SystemChance(), beside=True)
    except OlderDatabase as older:
        yield Finding("note", "database", *in_words(older))
        return
    try:
        mismatches = Marker(folder.marker / "marker").check(store)
        stopped = [log for log in store.logs() if (head := store.head(log)) and head.stopped]
    finally:
        store.close()
    yield Finding("fine", "database", f"{folder.database} can be opened")
    for mismatch in mismatches:
        step = (
            "if the database that wrote last still exists, put it back. Otherwise `tocsin run`: this one "
            "never writes your present epoch again, but gets back from the others what it lacks; then "
            "`tocsin epoch draft --reason lost`."
        )
        yield Finding("wrong", "marker", mismatch.text, step)
    for log in stopped:
        yield Finding("wrong", "two versions", f"of the log {log}", _NEXT_STEPS["two-versions"])


def _running(
    config: Config, status: Status, health: Health, epochs: Mapping[str, EpochsState], now_ms: int
) -> Iterator[Finding]:
    yield Finding("fine", "node", f"runs since {moment(status.started_at_ms)}, version {status.version}")
    titles = {circle.id: circle.title for circle in status.circles}
    for trouble in health.troubles:
        yield _trouble(trouble, titles.get(trouble.circle or "", ""))
    for circle in status.circles:
        well = [member.slug for member in circle.members if not member.trouble and not member.stopped]
        if well:
            yield Finding("fine", "circle", f"{circle.title}: no trouble with {', '.join(well)}")
        yield from _epochs(circle, epochs[circle.id])
        for member in circle.members:
            ahead_ms = member.confirmed.time_s * 1000 - now_ms if member.confirmed else 0
            if ahead_ms > _CLOCKS_APART_MS:
                words = f"that of {member.slug} is {ahead_ms // 1000} s ahead of ours"
                yield Finding(
                    "note", "clock", words, "compare both with a good one; nothing is refused because of it."
                )
    for circle_id in Folder.of(config).circles():
        if circle_id not in titles and kept_bundle(config.data_folder, circle_id):
            words = f"new keys for circle {circle_id} are here, and it is not joined again"
            step = "sign the draft of `tocsin circle recover`, and `tocsin epoch adopt FILE`."
            yield Finding("note", "recovery", words, step)
    for founding in all_kept(config.data_folder):
        if founding.id not in titles and len(founding.join_files()) == len(founding.charter.members):
            words = f"{founding.charter.title}: all join files are here, and it is not joined"
            yield Finding("note", "circle", words, f"`tocsin circle join {founding.folder / 'charter.toml'}`")


def _epochs(circle: CircleState, found: EpochsState) -> Iterator[Finding]:
    for epoch in found.epochs:
        if epoch.void_from is not None and epoch.held > epoch.void_from:
            words = (
                f"{circle.title}, {epoch.member}: {epoch.held - epoch.void_from} entries lie beyond the end "
                f"of epoch {epoch.epoch}; they are kept as evidence, and nobody takes them for theirs"
            )
            yield Finding("note", "void entries", words, "`tocsin epoch list` shows all of them.")
    if found.drafted and not circle.halted:
        words = f"{circle.title}: a new epoch of yours is drafted, and not adopted"
        step = "sign the draft, and `tocsin epoch adopt FILE`; or `tocsin epoch cancel`."
        yield Finding("note", "new epoch", words, step)


def _trouble(trouble: Trouble, title: str) -> Finding:
    about, level = _TROUBLES.get(trouble.code, (trouble.code, "wrong"))
    whose = f"{title}, {trouble.member}: " if trouble.member else f"{title}: " if title else ""
    words, _, step = trouble.explanation.partition(" Next: ")
    return Finding(level, about, f"{whose}{words}", step or _NEXT_STEPS.get(trouble.code, ""))


def _wrong(about: str, error: TocsinError | OSError) -> Finding:
    return Finding("wrong", about, *in_words(error))


def _lines(finding: Finding) -> Iterator[str]:
    mark = {"fine": good("fine "), "note": waiting("note "), "wrong": bad("WRONG")}[finding.level]
    yield from beside(f"{mark}  {finding.about}", finding.words, _ROOM)
    if finding.next:
        yield from beside(strong("next:"), finding.next, 6, " " * _ROOM)
