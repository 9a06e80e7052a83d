"""The pages of logs: all of them, one by pages of its entries, an entry with its proof, a verification."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

import msgspec
from starlette.responses import Response

from tocsin.circles.evidence.prooffile import ProofFacts, verify_proof
from tocsin.circles.founding.circle import Member, void_from
from tocsin.circles.line import Line
from tocsin.core.errors import Refusal
from tocsin.core.records.common import Slug
from tocsin.core.tlog.checkpoint import Checkpoint, parse_text
from tocsin.node.api.hosting import line_of
from tocsin.node.api.operations import Call
from tocsin.node.api.records import Shelf
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import CarryQuery, ProofQuery, ShownRecord
from tocsin.node.node import Node
from tocsin.web.logs.browsing import STATES, Filter, browse, excerpt, kind_word, kinds
from tocsin.web.logs.naming import log_path
from tocsin.web.logs.runs import Runs
from tocsin.web.logs.verifying import Verification
from tocsin.web.serving.errors import NoSuchPage
from tocsin.web.serving.files import as_file
from tocsin.web.serving.headers import OF_PAGES
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_LOG = "/log/{domain}/{circle}/{member}/{epoch:int}"

State: TypeAlias = Literal["ours", "whole", "behind", "incomplete", "stopped", "ended", "empty"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which entries to verify; without any, all."""

    first: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] = 0
    last: Annotated[int, msgspec.Meta(ge=0, lt=2**53)] | None = None


class _Carried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For which member a carry file is."""

    to: Slug | None = None


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A member's word about a log: up to which size it holds it, or saw it only grow."""

    member: str
    what: Literal["holder", "witness"]
    size: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class LogSeen:
    """A log as far as it is here. `missing` entries came without their records."""

    name: str
    path: str
    member: Member
    ours: bool
    state: State
    size: int
    known: int
    missing: int
    void_from: int | None
    newest: Checkpoint | None
    cosigners: tuple[Cosigner, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof file of an entry shows, made and verified just now; or why there is none."""

    facts: ProofFacts | None
    why_not: Refusal | None
    bytes_long: int


class Logs:
    """Everybody may look and verify. Files with what others said are an officer's to take out."""

    def __init__(self, node: Node, runs: Runs) -> None:
        self._node = node
        self._calls = Calls(node)
        self._runs = runs

    @page("GET", "/log", Role.READER)
    async def logs(self, visit: Visit) -> Response:
        """All logs, by circle."""
        shown = tuple(
            (line.circle, tuple(self._seen(line, log) for log in _own_first(line)))
            for line in self._node.lines.values()
        )
        return visit.render("logs/logs.html", circles=shown)

    @page("GET", _LOG, Role.READER)
    async def log(self, visit: Visit) -> Response:
        """One log: its entries by pages, its newest state and who confirmed it."""
        line, log = self._found(visit)
        wanted = visit.query(Filter)
        return visit.render(
            "logs/log.html",
            circle=line.circle,
            log=self._seen(line, log),
            page=await browse(Shelf(line, self._node.store), log, wanted),
            wanted=wanted,
            kinds=tuple(kinds(visit.language)),
            states=STATES,
            excerpt=excerpt,
            kind_word=lambda kind: kind_word(kind, visit.language),
            drill=line.circle.drill,
        )

    @page("GET", f"{_LOG}/{{index:int}}", Role.READER)
    async def log_entry(self, visit: Visit) -> Response:
        """One entry: as it was written, and what proves it."""
        line, log = self._found(visit)
        index = int(visit.path["index"])
        shown = self._entry(line, log, index)
        entry, salt, body = self._body(log, shown)
        return visit.render(
            "logs/entry.html",
            circle=line.circle,
            log=self._seen(line, log),
            shown=shown,
            entry=entry.hex(),
            salt=salt.hex() if body else None,
            raw=body.decode("utf-8", "replace") if body else None,
            proof=await self._proof(line, log, index),
            excerpt=excerpt,
            own=line.standing.member.slug,
            kind=kind_word(shown.record.kind, visit.language) if shown.record else None,
            drill=line.circle.drill,
        )

    @page("GET", f"{_LOG}/{{index:int}}/proof", Role.READER)
    async def log_proof(self, visit: Visit) -> Response:
        """Its proof file, for anyone to verify."""
        line, log = self._found(visit)
        index = int(visit.path["index"])
        query = ProofQuery(log=log, index=index)
        file = await self._calls.proof(Call({"circle": line.circle.id}, query, None))
        return as_file(f"{visit.path['member']}-{index}.tlog-proof", bytes(file.body))

    @page("POST", f"{_LOG}/verify", Role.READER)
    async def verify_log(self, visit: Visit) -> Response:
        """Verify what is here of a log, or a part of it."""
        line, log = self._found(visit)
        part = visit.form(_Part)
        head = self._node.store.head(log)
        size = head.size if head else 0
        end = size if part.last is None else min(size, part.last + 1)
        member = line.circle.by_log[log]
        name = self._runs.start(
            Verification(line.circle, member, min(part.first, end), end, part.first == 0 and end == size)
        )
        return visit.go(f"{log_path(log)}/verification/{name}")

    @page("GET", f"{_LOG}/verification/{{name}}", Role.READER, noted=False)
    async def verification(self, visit: Visit) -> Response:
        """How far a verification is, and what it found."""
        line, log = self._found(visit)
        run = self._runs.find(visit.path["name"])
        if run is None or run.log != log:
            raise NoSuchPage
        template = (
            "logs/verifying/verification_part.html" if visit.partial else "logs/verifying/verification.html"
        )
        return visit.render(template, circle=line.circle, log=log, run=run, drill=line.circle.drill)

    @page("GET", "/log/carry/{circle}", Role.OFFICER)
    async def carry(self, visit: Visit) -> Response:
        """A file with all that a member lacks, to be carried to it by hand."""
        line = line_of(self._node, visit.path["circle"])
        to = visit.query(_Carried).to
        call = Call(dict(visit.path), CarryQuery(to=to), None)
        file = await self._calls.give_out(call)
        name = f"{line.own.member.slug}-to-{to or 'all'}.carry"
        file.headers["content-disposition"] = f'attachment; filename="{name}"'
        file.headers.update(OF_PAGES)
        return file

    def _found(self, visit: Visit) -> tuple[Line, str]:
        """The log that the path names. Raises NoSuchCircle, NoSuchPage."""
        line, path = line_of(self._node, visit.path["circle"]), visit.path
        log = f"{path['domain']}/{path['circle']}/{path['member']}/{path['epoch']}"
        if log not in line.circle.by_log:
            raise NoSuchPage
        return line, log

    def _seen(self, line: Line, log: str) -> LogSeen:
        store, circle = self._node.store, line.circle
        member, head = circle.by_log[log], self._node.store.head(log)
        size, ours = head.size if head else 0, log == line.own.name
        followed = line.following.log(log)
        newest = followed.newest() if followed else None
        known = max(size, newest.checkpoint.size if newest else 0)
        note = store.newest_checkpoint(log) if head else None
        state: State = "ours" if ours else "whole"
        if not size:
            state = "empty"
        elif head and head.stopped:
            state = "stopped"
        elif not ours and member.end is not None:
            state = "ended"
        elif not ours and known > size:
            state = "behind"
        elif not ours and store.has_missing(log):
            state = "incomplete"
        return LogSeen(
            name=log,
            path=log_path(log),
            member=member,
            ours=ours,
            state=state,
            size=size,
            known=known,
            missing=len(store.missing(log, 1_000)) if head else 0,
            void_from=void_from(member),
            newest=parse_text(_text_of(note)) if note else None,
            cosigners=tuple(_cosigners(self._node, line, log)) if head else (),
        )

    def _entry(self, line: Line, log: str, index: int) -> ShownRecord:
        shelf = Shelf(line, self._node.store)
        found = list(shelf.read(log, index, 1)) or [
            one for one in shelf.read_ahead(log) if one.index == index
        ]
        if not found:
            raise NoSuchPage
        return found[0]

    def _body(self, log: str, shown: ShownRecord) -> tuple[bytes, bytes, bytes | None]:
        """Entry, salt, and the record as it was written; kept apart by a hold, our own people see it."""
        store = self._node.store
        if shown.ahead:
            ahead = {index: (entry, salt, body) for index, entry, salt, body in store.aheads(log)}
            return ahead[shown.index]
        entry, salt, body = store.record(log, shown.index)
        if body is None and (apart := store.set_apart(log, shown.index)):
            return entry, *apart
        return entry, salt, body

    async def _proof(self, line: Line, log: str, index: int) -> Proof:
        circle = line.circle.id
        try:
            file = await self._calls.proof(Call({"circle": circle}, ProofQuery(log=log, index=index), None))
            data = bytes(file.body)
            return Proof(verify_proof(data, circle), None, len(data))
        except Refusal as refusal:
            return Proof(None, refusal, 0)


def _own_first(line: Line) -> list[str]:
    """Our own log, then the others' in the charter's order, then those of before."""
    return sorted(line.circle.by_log, key=lambda log: log != line.own.name)


def _cosigners(node: Node, line: Line, log: str) -> Iterator[Cosigner]:
    """The newest word of each key about that log, and receipts that others brought."""
    circle, found = line.circle, dict[tuple[str, str], Cosigner]()
    for name, latest in node.store.newest_cosignatures(log).items():
        if member := circle.by_key.get(name):
            what: Literal["holder", "witness"] = "holder" if name.endswith("/holder") else "witness"
            found[member.slug, what] = Cosigner(member.slug, what, latest.size, latest.time_s * 1000)
    for receipt in line.receipts:
        of, holder = receipt.key
        known = found.get((holder, "holder"))
        if of == log and (known is None or known.size < receipt.size):
            found[holder, "holder"] = Cosigner(holder, "holder", receipt.size, receipt.time_s * 1000)
    yield from sorted(found.values(), key=lambda one: (one.what, -one.size, one.member))


def _text_of(note: bytes) -> str:
    """The three lines that a checkpoint's note signs."""
    return note.decode().partition("\n\n")[0] + "\n"
