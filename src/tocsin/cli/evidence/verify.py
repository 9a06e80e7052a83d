"""`verify`: check a proof file, or the evidence of two versions of a log, offline.

No configuration, no node, no network: who checks needs to trust neither the members nor any node. The
circle's id has to come by a way that the checker trusts, since it is the one thing that the file cannot
prove.
"""

from collections.abc import Iterable, Iterator
from itertools import zip_longest
from pathlib import Path

import click

from tocsin.circles.errors import ProofElsewhere
from tocsin.circles.evidence.forks import Fork, verify_fork
from tocsin.circles.evidence.prooffile import Cosigned, ProofFacts, verify_proof
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.joining import assemble
from tocsin.circles.reading import NotUnderstood, Readable
from tocsin.cli.circle.kept import read_charter, read_file, read_join_file
from tocsin.cli.options import Command, file_option, json_option, path_argument
from tocsin.cli.terminal import bad, faint, good, json_text, moment, paragraph, shown, strong, table, waiting
from tocsin.cli.words import kind_of, said
from tocsin.core.keys import encode_base64
from tocsin.core.tlog.proof import MAX_PROOF_BYTES

_INDENT = "  "
_ROOM = 18
_FORK_STARTS = b"{"


@click.command(
    cls=Command,
    examples=(
        "tocsin verify apricot-3.tlog-proof --circle 3f1c…",
        "tocsin verify dune.fork.json --circle 3f1c… --charter charter.toml *.join",
    ),
)
@path_argument("file")
@path_argument("join_files", nargs=-1, metavar="[JOINFILE]...")
@click.option(
    "--circle",
    required=True,
    metavar="ID",
    help="The circle's id, from somebody you trust: 64 hex digits.",
)
@file_option("--charter", help="With all JOINFILEs, for the evidence of two versions of a log.")
@json_option
def verify(
    *, file: Path, join_files: tuple[Path, ...], circle: str, charter: Path | None, as_json: bool
) -> None:
    """Check a proof file, offline.

    FILE is a proof that `tocsin prove` wrote. It shows who wrote a record, and who has received and confirmed
    it, whomever you have it from; nothing else is needed but the circle's id. Exit code 0 says that all of it
    holds, 1 that it does not.

    FILE may also be the evidence that a member showed two versions of its log (`tocsin log evidence`). To
    check that, give the charter and the join files of all members.
    """
    data = read_file(file, MAX_PROOF_BYTES, "a proof file")
    if data.startswith(_FORK_STARTS):
        if charter is None:
            raise click.UsageError(
                "FILE is evidence of two versions of a log: give --charter and the join files."
            )
        assembled = assemble(read_charter(charter), map(read_join_file, join_files))
        if assembled.id != circle:
            raise ProofElsewhere(f"Expected the charter of circle {circle}, found that of {assembled.id}.")
        _tell_fork(verify_fork(data, assembled), assembled, as_json=as_json)
    else:
        if charter or join_files:
            raise click.UsageError(
                "FILE is a proof of one record: it needs neither a charter nor join files."
            )
        _tell_proof(verify_proof(data, circle), as_json=as_json)


def _tell_proof(facts: ProofFacts, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text(_proof_as_json(facts)))
        return
    signed = facts.signed
    click.echo(f"{good('VERIFIED')}\n")
    _print("circle", [strong(shown(signed.charter.title)), signed.id])
    if signed.drill:
        _print("", [waiting("a DRILL: nothing that is said in it is real")])
    _print("written by", [f"{strong(_name(facts.author))}, as no. {facts.index} of its log"])
    _print("", _reading(facts))
    click.echo()
    _print("received and\nconfirmed by", _held(facts))
    if facts.witnesses:
        _print("seen to grow,\nand only grow, by", _cosigned(facts.witnesses))
    click.echo()
    caveat = "This does not show that what was said is true. Times are those of the members' own clocks."
    click.echo("\n".join(faint(line) for line in paragraph(caveat, _INDENT)))


def _tell_fork(fork: Fork, circle: Circle, *, as_json: bool) -> None:
    first, second = fork.first.checkpoint, fork.second.checkpoint
    member = circle.by_log[first.origin]
    if as_json:
        found = {"kind": "fork", "circle": circle.id, "member": _member_as_json(member), "log": first.origin}
        click.echo(json_text(found | {"sizes": [first.size, second.size]}))
        return
    click.echo(f"{good('VERIFIED')}\n")
    _print("circle", [strong(shown(circle.title)), circle.id])
    _print("found", [bad(f"two versions of one log, both signed by {_name(member)}")])
    _print("first", [f"{first.size} entries, fingerprint {first.root.hex()}"])
    _print("second", [f"{second.size} entries, fingerprint {second.root.hex()}"])


def _print(names: str, lines: Iterable[str]) -> None:
    """Lines beside a name, which may take several lines itself."""
    for name, line in zip_longest(names.split("\n"), lines, fillvalue=""):
        click.echo(f"{_INDENT}{name:<{_ROOM}}{line}".rstrip())


def _reading(facts: ProofFacts) -> Iterator[str]:
    if isinstance(facts.reading, NotUnderstood):
        yield waiting(f"not understood here ({shown(facts.reading.code)}): {len(facts.body)} bytes")
        return
    record = facts.reading.record
    yield f"{moment(record.at_ms)} · {kind_of(record)} · {record.tlp}"
    if facts.claimed_officer:
        yield waiting(
            f"carries the signature of an officer ({facts.claimed_officer}), which this file cannot show"
        )
    # The indent makes room for the name; it is printed before it.
    indent = " " * (len(_INDENT) + _ROOM)
    yield from (line.removeprefix(indent) for line in said(record, indent))


def _held(facts: ProofFacts) -> Iterator[str]:
    if not facts.holders:
        yield waiting("nobody, as far as this file shows")
        return
    yield from _cosigned(facts.holders)
    members, economies = len(facts.holders), len(facts.economies)
    yield good(
        f"{members} member{'s' * (members > 1)} in {economies} econom{'ies' if economies > 1 else 'y'}"
    )


def _cosigned(cosigned: Iterable[Cosigned]) -> Iterator[str]:
    rows = [
        (strong(one.member.slug), shown(one.member.label), one.member.economy, moment(one.time_s * 1000))
        for one in cosigned
    ]
    return table(rows, indent="")


def _name(member: Member) -> str:
    return f"{shown(member.label)} ({member.slug}, {member.economy})"


def _proof_as_json(facts: ProofFacts) -> dict[str, object]:
    """What programs may rely on (docs/cli.md)."""
    return {
        "kind": "proof",
        "circle": facts.signed.id,
        "drill": facts.signed.drill,
        "log": str(facts.author.log),
        "index": facts.index,
        "size": facts.size,
        "author": _member_as_json(facts.author),
        "record": encode_base64(facts.body),
        "understood": isinstance(facts.reading, Readable),
        "claimed_officer": facts.claimed_officer,
        "holders": [_member_as_json(one.member) | {"time_s": one.time_s} for one in facts.holders],
        "witnesses": [_member_as_json(one.member) | {"time_s": one.time_s} for one in facts.witnesses],
        "economies": list(facts.economies),
    }


def _member_as_json(member: Member) -> dict[str, object]:
    return {"member": member.slug, "label": member.label, "economy": member.economy}
