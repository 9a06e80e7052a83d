"""A circle whose members' nodes are processes."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from signal import Signals

from tests.node.nodes import Founded, Place
from tests.process.kept import Kept, kept
from tests.process.processes import Process, until

from tocsin.circles.founding.circle import Member
from tocsin.circles.founding.joining import assemble
from tocsin.node.api.types import CircleState, MemberState, SayNote, Written
from tocsin.node.client import Client, NoAnswer
from tocsin.node.config import Config
from tocsin.node.folder import Folder

RUN = (Path(sys.executable).with_name("tocsin"), "run", "--config")
_INTRODUCED = 2
ORDERED = (sys.executable, "-m", "tests.process.ordered")


class Plain(Place):
    """A place whose wire is not encrypted, so that it can be seen what goes over it."""

    @property
    def toml(self) -> str:
        """Its configuration, as a file."""
        return super().toml.replace("https:", "http:").replace("[desk]", "unsafe_loopback = true\n[desk]")


class Members:
    """A founded circle, and those of its nodes that run."""

    def __init__(self, founded: Founded) -> None:
        self.id = founded.id
        self.running: dict[str, Process] = {}
        self.started: list[Process] = []
        self._founded = founded
        self._circle = assemble(founded.text, founded.join_files, [])
        self._configs = {place.slug: place.config for place in founded.places}
        for place in founded.places:
            self.config_file(place.slug).write_text(place.toml)

    def __getitem__(self, slug: str) -> Member:
        """The member of that name."""
        return self._circle.by_slug[slug]

    def config(self, slug: str) -> Config:
        """Its configuration."""
        return self._configs[slug]

    def config_file(self, slug: str) -> Path:
        """Where its configuration stands."""
        return self.config(slug).data_folder.with_suffix(".toml")

    def client(self, slug: str) -> Client:
        """Calls its machine API."""
        return Client(self.config(slug).api_socket)

    def start(self, slug: str, program: Iterable[str | Path] = RUN) -> Process:
        """Start its node; returns when that answers and has joined."""
        process = self.running[slug] = Process(*program, self.config_file(slug))
        self.started.append(process)
        client = self.client(slug)
        process.until(lambda: _answers(client))
        if not client.status().circles:
            client.join(self._founded.text, [file.decode() for file in self._founded.join_files])
        return process

    def end(self, slug: str, how: Signals) -> int:
        """End its node by a signal; its exit code."""
        return self.running.pop(slug).end(how)

    def end_all(self) -> None:
        """Kill all, and show of each how it was, what it told, and the last that it said."""
        for process in self.started:
            how = f"ended by {process.ended()}" if process.over else "running"
            process.close()
            said = process.said[-5:]
            sys.stdout.write("\n".join([f"process {process.pid}, {how}:", *process.told, *said, ""]))

    def write(self, slug: str, text: str) -> Written:
        """Have it write a note."""
        say = SayNote(author="duty", author_kind="officer", lang="en", text=text)
        return self.client(slug).write(self.id, say)

    def state(self, slug: str) -> CircleState:
        """The circle as its node sees it."""
        (state,) = self.client(slug).status().circles
        return state

    def until_introduced(self, slug: str) -> None:
        """Wait until its log has what a node says of itself before all else: its opening and its card."""
        until(lambda: self.state(slug).size >= _INTRODUCED)

    def until_confirmed(self, slug: str) -> None:
        """Wait until those that run have confirmed all that its log has now."""
        size = self.state(slug).size
        until(lambda: all(self.confirmed(slug, by) >= size for by in self.running if by != slug))

    def confirmed(self, slug: str, by: str) -> int:
        """How much of its log another has confirmed to it."""
        state = self._member(slug, by)
        return state.confirmed.size if state.confirmed else 0

    def unreached(self, slug: str, member: str) -> bool:
        """Whether it could not reach another."""
        return self._member(slug, member).trouble is not None

    def held(self, slug: str, of: str) -> int:
        """How much its node holds of another's log."""
        return self._member(slug, of).held

    def _member(self, slug: str, other: str) -> MemberState:
        (state,) = (state for state in self.state(slug).members if state.slug == other)
        return state

    def kept(self, slug: str, of: str) -> Kept:
        """What one node keeps of a member's log."""
        return kept(Folder.of(self.config(slug)).database, self[of])

    def check(self, author: str, holder: str, acknowledged: Mapping[int, str]) -> None:
        """One author's log, which its holder has confirmed, is the same at both, and whole.

        It verifies, has every record that was acknowledged (index and SHA-256), and none twice; and what the
        holder ever confirmed is what it holds.
        """
        own, held = (self.kept(slug, of=author) for slug in (author, holder))
        for one in (own, held):
            one.check()
            assert acknowledged.items() <= one.digests.items()
        assert (own.entries, own.records) == (held.entries, held.records)
        for checkpoint in own.confirmed_by(self[holder]):
            assert held.tree.mth(0, checkpoint.size) == checkpoint.root
        assert self.state(author).halted is None


def _answers(client: Client) -> bool:
    try:
        client.health()
    except NoAnswer:
        return False
    return True
