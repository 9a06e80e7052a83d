"""`verify`: check a proof file, or any other evidence, offline.

No configuration, no node, no network: who checks needs to trust neither the members nor any node. The
circle's id has to come by a way that the checker trusts, since it is the one thing that no file can prove.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path

import click

from tocsin.cases.archive import Opened
from tocsin.cases.archive.zipping import MAX_ARCHIVE_BYTES
from tocsin.circles.errors import ProofElsewhere
from tocsin.circles.evidence.envelope import MAX_ENVELOPE_BYTES
from tocsin.circles.evidence.prooffile import Cosigned, ProofFacts
from tocsin.circles.evidence.signers import Signer, Verdict
from tocsin.circles.founding.circle import Circle, Member
from tocsin.circles.founding.joining import assemble
from tocsin.circles.reading import NotUnderstood, Readable
from tocsin.cli.circle.kept import is_bundle, read_bundle, read_charter, read_file, read_join_file
from tocsin.cli.evidence.archive import tell_archive
from tocsin.cli.evidence.findings import Finding, in_words, named
from tocsin.cli.options import Command, file_option, json_option, path_argument
from tocsin.cli.terminal import bad, faint, good, json_text, moment, paragraph, shown, strong, table, waiting
from tocsin.cli.words import kind_of, said
from tocsin.core.errors import Refusal
from tocsin.core.keys import encode_base64
from tocsin.core.names import check_circle
from tocsin.node.papers.verifying import START_BYTES, Kind, Shown, Signed, verify_file

_INDENT = "  "
_ROOM = 18


@click.command(
    cls=Command,
    examples=(
        "tocsin verify apricot-3.tlog-proof --circle 3f1c…",
        "tocsin verify dune-fork.evidence --circle 3f1c…",
        "tocsin verify birch.1.12.zip --circle 3f1c…",
        "tocsin verify statement.txt --circle 3f1c… --charter harbour.circle",
    ),
)
@path_argument("file")
@path_argument("join_files", nargs=-1, metavar="[JOINFILE]...")
@click.option(
    "--circle",
    required=True,
    metavar="ID",
    callback=lambda _ctx, _param, circle: _whole(circle),
    help="The circle's id, from somebody you trust: 64 hex digits.",
)
@file_option(
    "--charter",
    help="For what does not say itself who the members are: the charter, with all JOINFILEs, or the file of "
    "`circle export`.",
)
@json_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    file: Path,
    join_files: tuple[Path, ...],
    circle: str,
    charter: Path | None,
    as_json: bool,
) -> None:
    """Check a proof file or other evidence, offline.

    FILE is a proof that `tocsin prove` wrote. It shows who wrote a record, and who has received and confirmed
    it, whomever you have it from; nothing else is needed but the circle's id. Exit code 0 says that all of it
    holds, 1 that it does not.

    FILE may also be evidence that `tocsin evidence export` wrote: of two versions of a log, of what was
    signed after a key had ended, of a broken limit, of two openings or two charters. It says what it shows,
    and what not.

    FILE may also be an archive that `tocsin case evidence` wrote: every record of a case with its proof.

    FILE may also be anything that is signed as members sign: then it says whose word it is, and whose it only
    pretends to be. That needs the circle, by --charter.
    """
    data = _read(file)
    kind, given = Kind.of(data), bool(charter or join_files)
    if kind is Kind.PROOF and given:
        raise click.UsageError("FILE is a proof of one record: it needs neither a charter nor join files.")
    known = partial(_circle, circle, charter, join_files)
    match verify_file(data, circle, known if given or kind is Kind.OBJECT else None):
        case ProofFacts() as facts:
            _tell_proof(facts, as_json=as_json)
        case Opened() as opened:
            tell_archive(opened, circle, as_json=as_json)
        case Shown(found, made):
            _tell_finding(in_words(found, made), made, as_json=as_json)
        case Signed() as signed:
            ctx.exit(_tell_signers(signed, as_json=as_json))


def _whole(circle: str) -> str:
    """A circle's id. Raises BadParameter for its first digits alone, which others may have too."""
    try:
        check_circle(circle)
    except Refusal:
        raise click.BadParameter(f"Expected all 64 hex digits, found {circle!r}.") from None
    return circle


def _read(file: Path) -> bytes:
    """The file, of which only an archive may be long. Raises NotSetUp."""
    what = "a proof file, evidence or an archive"
    # What is no file on a disk, such as a pipe, can be read but once.
    start = read_file(file, START_BYTES, what) if file.is_file() else b""
    return read_file(file, MAX_ARCHIVE_BYTES if Kind.of(start) is Kind.ARCHIVE else MAX_ENVELOPE_BYTES, what)


def _circle(circle: str, charter: Path | None, join_files: tuple[Path, ...]) -> Circle:
    """The circle that FILE is of. Raises UsageError, ProofElsewhere, and what makes it no circle."""
    if charter is None:
        raise click.UsageError(
            "FILE does not say who the members are: give --charter, and the join files or the file of "
            "`circle export`."
        )
    if is_bundle(charter):
        known = read_bundle(charter).circle
    else:
        known = assemble(read_charter(charter), map(read_join_file, join_files))
    if known.id != circle:
        raise ProofElsewhere(f"Expected the charter of circle {circle}, found that of {known.id}.")
    return known


def _tell_proof(facts: ProofFacts, *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text(_proof_as_json(facts)))
        return
    signed = facts.signed
    click.echo(f"{good('VERIFIED')}\n")
    _print("circle", [strong(shown(signed.charter.title)), signed.id])
    if signed.drill:
        _print("", [waiting("a DRILL: nothing that is said in it is real")])
    _print("written by", [f"{strong(named(facts.author))}, as no. {facts.index} of its log"])
    _print("", _reading(facts))
    click.echo()
    _print("received and\nconfirmed by", _held(facts))
    if facts.witnesses:
        _print("seen to grow,\nand only grow, by", _cosigned(facts.witnesses))
    click.echo()
    _print_faint("This does not show that what was said is true. Times are those of the members' own clocks.")


def _tell_finding(finding: Finding, circle: Circle, *, as_json: bool) -> None:
    if as_json:
        about = [_member_as_json(member) for member in finding.about]
        found = {"kind": finding.kind, "circle": circle.id, "charter_version": circle.charter.version}
        found |= {"member": about[0]} if len(about) == 1 else {"members": about}
        click.echo(json_text(found | dict(finding.more)))
        return
    click.echo(f"{good('VERIFIED')}\n")
    _print_circle(circle)
    _print("found", [bad(finding.found)])
    for name, words in finding.rows:
        _print(name, [words])
    click.echo()
    _print_faint(f"{finding.shows} {finding.shows_not}")


def _tell_signers(signed: Signed, *, as_json: bool) -> int:
    """Say it, and whether something bears a member's name that is not its word, or nothing a member's."""
    note, found, circle, holds = signed.note, signed.signers, signed.circle, signed.holds
    by_slug = {member.slug: member for member in (*circle.past, *circle.members)}
    if as_json:
        listed = [{"name": one.name, "member": one.slug, "verdict": one.verdict.value} for one in found]
        click.echo(json_text({"kind": "signers", "circle": circle.id, "holds": holds, "signers": listed}))
        return int(not holds)
    click.echo(f"{good('VERIFIED') if holds else bad('NOT VERIFIED')}\n")
    _print_circle(circle)
    _print("says", [line.strip() for line in paragraph(note.text.rstrip("\n"), " " * (len(_INDENT) + _ROOM))])
    for signer in found:
        _print("signed", [_verdict(signer, by_slug)])
    click.echo()
    _print_faint(
        "Anybody can make a key and give it any name. That a signature is not by the member whose name it "
        "bears shows that this is not its word; it does not show whose it is, and accuses nobody."
    )
    return int(not holds)


def _verdict(signer: Signer, by_slug: dict[str, Member]) -> str:
    name = shown(signer.name)
    if signer.slug is None:
        return waiting(f"as {name}: none of this circle's keys")
    member = named(by_slug[signer.slug]) if signer.slug in by_slug else signer.slug
    if signer.verdict is Verdict.GENUINE:
        return good(f"by {member}, with its key {name}")
    return bad(f"as {name}, and NOT by {member}: it is not that key's signature")


def _print_circle(circle: Circle) -> None:
    _print("circle", [strong(shown(circle.title)), circle.id])
    _print("", [f"as of version {circle.charter.version} of its charter; what came later may be missing"])
    if circle.drill:
        _print("", [waiting("a DRILL: nothing that is said in it is real")])


def _print_faint(words: str) -> None:
    click.echo("\n".join(faint(line) for line in paragraph(words, _INDENT)))


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
