"""Founding a circle, or joining one: introduce, draft, sign, collect, compare, join.

- The organisation key is offline. So what it is to sign goes out as a paper, and what it signed comes back.
- Nobody joins who has not compared names and words with every other member aloud.
"""

from dataclasses import dataclass
from typing import get_args

from starlette.responses import Response

from tocsin.circles.changing.bundle import Bundle
from tocsin.circles.errors import MalformedCharter
from tocsin.circles.founding.charter import Charter, CharterMember, circle_id, parse_charter
from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.draft import draft_charter
from tocsin.circles.founding.entries import domain_of, read_entries, write_entry
from tocsin.core.errors import Refusal
from tocsin.core.names import is_drill
from tocsin.core.records import Tlp
from tocsin.node.api.changetypes import TakeBundle
from tocsin.node.api.operations import Call
from tocsin.node.api.routes import Calls
from tocsin.node.api.types import Join
from tocsin.node.node import Node
from tocsin.node.papers.draft import Draft
from tocsin.node.papers.founding import Founding, kept
from tocsin.node.papers.joining import draft_to_join
from tocsin.node.papers.organisation import mode_of, parse_public, place_of, public_in_circle
from tocsin.web.circles import forms, seen
from tocsin.web.circles.asking import MOST_TEXT_BYTES, NotConfirmed, Paper, bound, whole
from tocsin.web.circles.clauses import clauses
from tocsin.web.circles.seen import Words
from tocsin.web.people.audit import Audit
from tocsin.web.serving.errors import NoSuchPage
from tocsin.web.serving.files import as_file
from tocsin.web.serving.page import page
from tocsin.web.serving.person import Role
from tocsin.web.serving.visit import Visit

_FIRST = forms.Founded(
    title="",
    purpose="",
    handling="TLP:AMBER",
    acknowledge_within_minutes=15,
    answer_within_minutes=240,
    independent_sources=2,
    organisations=2,
    economies=2,
    authority=(
        "Members inform each other; no member instructs another. A request is not an order.\n"
        "Nothing said in this circle is a decision under any law unless it says so.\n"
    ),
    records_per_second=1_000,
    bytes_per_day=10_000_000_000,
)


@dataclass(frozen=True, slots=True)
class FoundingShown:
    """A circle that is being founded: who has signed, what is missing, and what to compare aloud."""

    founding: Founding
    signed: tuple[str, ...]
    circle: Circle | None
    why_not: Refusal | None
    words: tuple[tuple[CharterMember, Words], ...]

    @property
    def charter(self) -> Charter:
        """What is agreed on."""
        return self.founding.charter


class FoundingPages:
    """From organisations that introduce themselves to a circle. All of it is an approver's."""

    def __init__(self, node: Node, audit: Audit) -> None:
        self._node = node
        self._audit = audit
        self._calls = Calls(node)

    @page("GET", "/circles/new", Role.APPROVER)
    async def new_circle(self, visit: Visit) -> Response:
        """The steps, one after the other."""
        return visit.render("circles/founding/new.html")

    @page("GET", "/circles/new/introduce", Role.APPROVER)
    async def introducing(self, visit: Visit) -> Response:
        """The form for our entry in a charter."""
        return visit.render("circles/founding/introduce.html")

    @page("POST", "/circles/new/introduce", Role.APPROVER)
    async def introduce(self, visit: Visit) -> Response:
        """Our entry, to be given to whoever drafts the charter."""
        wish = visit.form(forms.Introduced)
        public = parse_public(wish.public.encode(), mode_of(wish.domain))
        key = public_in_circle(public, wish.domain, wish.member)
        text = write_entry(key, slug=wish.member, label=wish.label, economy=wish.economy, where="this form")
        paper = Paper("introduced", f"{wish.member}.toml", text, "/circles/new")
        return visit.render("circles/founding/paper.html", paper=paper, drill=is_drill(wish.domain))

    @page("GET", "/circles/new/draft", Role.APPROVER)
    async def drafting(self, visit: Visit) -> Response:
        """The form with every clause."""
        return visit.render("circles/founding/draft.html", rules=_FIRST, handlings=get_args(Tlp))

    @page("POST", "/circles/new/draft", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def draft(self, visit: Visit) -> Response:
        """The exact text, and what it says in words."""
        wish = visit.form(forms.Founded)
        entries = read_entries(wish.entries.encode(), "the entries of members")
        text = draft_charter(
            domain=domain_of(entries),
            title=wish.title,
            purpose=wish.purpose,
            members=entries,
            nonce=self._node.chance.token(32),
            quorum=wish.quorum,
            handling=wish.handling,
            clocks=wish.clocks,
            verification=wish.verification,
            authority=wish.statement,
            limits=wish.limits,
            texts=wish.authentic(),
            continues=wish.continues,
        )
        return self._drafted(visit, text)

    @page("POST", "/circles/new/read", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def read_charter(self, visit: Visit) -> Response:
        """A text that was changed by hand, in words again."""
        return self._drafted(visit, whole(visit.form(forms.AmendmentText).text))

    @page("GET", "/circles/new/sign", Role.APPROVER)
    async def signing(self, visit: Visit) -> Response:
        """The form for a charter that we are to sign."""
        return visit.render("circles/founding/sign.html")

    @page("POST", "/circles/new/sign", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def sign(self, visit: Visit) -> Response:
        """First the charter in words; once it was read, keys, and the draft for our organisation key."""
        wish = visit.form(forms.Signing)
        founding = self._founding(wish)
        place = self._place(founding.charter, wish.public)
        if not wish.read:
            return visit.render(
                "circles/founding/read.html",
                founding=founding,
                place=place,
                wish=wish,
                clauses=clauses(founding.charter, visit.language),
                drill=founding.charter.mode == "drill",
            )
        node = self._node
        draft = draft_to_join(
            node.folder, founding, place, node.config.wire.public, clock=node.clock, chance=node.chance
        )
        bound(self._audit, visit, "sign", founding.id)
        if founding.before:
            return self._paper(visit, draft, place)
        return visit.go(f"/circles/founding/{founding.id}")

    @page("GET", "/circles/founding/{circle}", Role.READER)
    async def founding(self, visit: Visit) -> Response:
        """How far it is: who has signed, what to compare."""
        founding = self._kept(visit)
        assembled = founding.assembled()
        ours = founding.ours
        circle = assembled if isinstance(assembled, Circle) else None
        others = [one for one in founding.charter.members if one.slug != ours]
        words = [(one, seen.words_between(circle, ours, one.slug)) for one in others if circle and ours]
        view = FoundingShown(
            founding=founding,
            signed=tuple(founding.join_files()),
            circle=circle,
            why_not=assembled if isinstance(assembled, Refusal) else None,
            words=tuple(words),
        )
        return visit.render(
            "circles/founding/founding.html",
            view=view,
            clauses=clauses(founding.charter, visit.language),
            drill=founding.charter.mode == "drill",
        )

    @page("GET", "/circles/founding/{circle}/draft", Role.APPROVER)
    async def founding_draft(self, visit: Visit) -> Response:
        """The draft for our organisation key, again."""
        founding = self._kept(visit)
        if founding.ours is None:
            raise NoSuchPage
        return as_file(f"{founding.ours}.draft", founding.draft(founding.ours) or b"")

    @page("POST", "/circles/founding/{circle}", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def take_join_files(self, visit: Visit) -> Response:
        """Keep join files, each in its member's place, until all are there."""
        founding = self._kept(visit)
        files = [whole(file).encode() for file in visit.form(forms.JoinFiles).file]
        for member, data in [(founding.member_of(data, "what was handed in"), data) for data in files]:
            founding.keep_join_file(member, data)
        return visit.go(f"/circles/founding/{founding.id}")

    @page("POST", "/circles/founding/{circle}/join", Role.APPROVER)
    async def join_circle(self, visit: Visit) -> Response:
        """Join, with the files of all, once names and words were compared with every other member."""
        founding = self._kept(visit)
        compared = set(visit.form(forms.Joining).compared)
        missing = [
            one.slug
            for one in founding.charter.members
            if one.slug not in compared and one.slug != founding.ours
        ]
        if missing:
            raise NotConfirmed(
                "Expected that names and words were compared aloud with every other member, found not yet "
                f"with {', '.join(missing)}. Next: call them, and read the words to each other."
            )
        files = tuple(data.decode() for data in founding.join_files().values())
        joined = await self._calls.join(Call({}, None, Join(charter=founding.text, join_files=files)))
        bound(self._audit, visit, "join", joined.circle)
        return visit.go(f"/circles/{joined.circle}")

    @page("POST", "/circles/join", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def join_later(self, visit: Visit) -> Response:
        """Join a circle that there is, with the file that a member exported after the amendment."""
        text = whole(visit.form(forms.AmendmentText).text)
        done = await self._calls.take_bundle(Call({}, None, TakeBundle(bundle=text)))
        bound(self._audit, visit, "join", done.circle)
        return visit.go(f"/circles/{done.circle}")

    @page("POST", "/circles/file", Role.APPROVER, most_bytes=MOST_TEXT_BYTES)
    async def keep_paper(self, visit: Visit) -> Response:
        """A text of a page as a file, to be carried."""
        wish = visit.form(forms.Kept)
        return as_file(wish.name, wish.text.encode())

    def _drafted(self, visit: Visit, text: str) -> Response:
        charter = parse_charter(text)
        return visit.render(
            "circles/founding/drafted.html",
            text=text,
            charter=charter,
            id=circle_id(text),
            clauses=clauses(charter, visit.language),
            drill=charter.mode == "drill",
        )

    def _paper(self, visit: Visit, draft: Draft, place: CharterMember) -> Response:
        paper = Paper("joining", f"{place.slug}.draft", draft.encode().decode(), "/circles/new")
        return visit.render("circles/founding/paper.html", paper=paper, drill=draft.charter.mode == "drill")

    def _founding(self, wish: forms.Signing) -> Founding:
        data_folder = self._node.config.data_folder
        if not wish.bundle:
            return Founding.of(whole(wish.text), data_folder)
        return Founding.amending(
            whole(wish.text), Bundle.parse(whole(wish.bundle).encode()).circle, data_folder
        )

    def _place(self, charter: Charter, public: str) -> CharterMember:
        """Which member we are: by the public half that was given, or by our keys in circles of this mode."""
        if public:
            return place_of(charter, parse_public(public.encode(), mode_of(charter.domain)))
        ours = {
            line.standing.member.organisation_key.public
            for line in self._node.lines.values()
            if mode_of(line.circle.domain) == charter.mode
        }
        if found := next((one for one in charter.members if one.key().public in ours), None):
            return found
        raise MalformedCharter(
            "Expected the public half of our organisation key, found none, and none of our circles has a "
            "key that this charter lists. Next: choose the file organisation-"
            f"{charter.mode}.pub, which lies beside the node's configuration."
        )

    def _kept(self, visit: Visit) -> Founding:
        found = kept(self._node.config.data_folder, visit.path["circle"])
        if found is None:
            raise NoSuchPage
        return found
