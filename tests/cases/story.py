"""A case as it may happen, in a circle with all its secret keys: what tells and shows cases is tried on it.

Four desks. Birch reports; Ash and Cedar have seen it too, and cite what Birch cited: one source. Dune says
that it cannot tell. Somebody errs, somebody oversteps. Three read it, Ash as what Cedar supposes it was; in
the end Birch closes the case, and says what it was.
"""

from collections.abc import Iterable
from hashlib import sha256

from tests.cases.charters import charter
from tests.cases.picture.contexts import Contexts
from tests.circles.party import AT_MS, Party, Tree, note_bytes, officer_key, party

from tocsin.cases.picture import view
from tocsin.cases.picture.view import CaseView
from tocsin.circles.evidence.prooffile import make_proof
from tocsin.core.records import (
    Acknowledgement,
    Actor,
    Answer,
    Ask,
    Attachment,
    CaseRecord,
    Certificate,
    Closing,
    Correction,
    Fingerprint,
    GroundTruth,
    Hypothesis,
    Moment,
    Operator,
    OperatorPosition,
    Passing,
    Probability,
    Reading,
    Ref,
    Report,
    Source,
    System,
    Translation,
    Withdrawal,
    encode_record,
    sign_record,
)
from tocsin.core.tlog.checkpoint import cosign
from tocsin.core.views import Party as Named
from tocsin.core.views import Said, Terms

PLACES = (
    ("ash", "Ash Desk", "KR"),
    ("birch", "Birch 研究所", "JP"),
    ("cedar", "Cedar <b>Institute</b>", "SG"),
    ("dune", "Dune & Sons", "KZ"),
)
FEED = Source(
    kind="website", locator="https://feed.example/alerts/4711?utm_source=mail", obtained="published"
)
SAME_FEED = Source(kind="post", locator="http://www.feed.example/alerts/4711", obtained="received")
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> \u202e**bold** [x](https://evil.example)"
)
CONTENT = b"%PDF-1.7 of a kind"
ILLEGAL = b"nobody may have this"


class Story:
    """Logs that grow, one record after the other."""

    def __init__(self, founded: Party) -> None:
        self.party = founded
        self.circle = founded.circle
        self.bodies = {slug: [self.circle.by_slug[slug].opening] for slug in founded.keys}
        self.said: list[Said[CaseRecord]] = []
        self.minutes = 0

    def write(
        self, slug: str, kind: type[CaseRecord], *, signed: bool = True, after: int = 7, **fields: object
    ) -> Ref:
        """The next record of a member's log, so many minutes after the last that anybody wrote."""
        log = self.party.log(slug)
        self.minutes += after
        record = kind(
            circle=log.circle,
            at_ms=AT_MS + self.minutes * 60_000,
            **{"author": "duty", "author_kind": "officer", "tlp": "TLP:GREEN"} | fields,  # type: ignore[arg-type]
        )
        body = sign_record(record, officer_key(log, "duty")) if signed else encode_record(record)
        bodies = self.bodies[slug]
        bodies.append(body)
        entry = Tree(log, bodies).entries[-1]
        ref = Ref.at(str(log), len(bodies) - 1, entry)
        self.said.append(Said(ref, slug, record, "duty" if signed else None))
        return ref

    def tree(self, slug: str) -> Tree:
        """A member's log, with something after the case."""
        log = self.party.log(slug)
        return Tree(log, [*self.bodies[slug], note_bytes(log, "Later.")])

    def proof(self, ref: Ref, holders: Iterable[str] = ()) -> bytes:
        """The proof file of a record, held by these or by all others."""
        slug = ref.log_name.member
        tree = self.tree(slug)
        checkpoint = tree.checkpoint(len(tree.entries), self.party.keys[slug].log)
        others = holders or [one for one in self.party.keys if one != slug]
        return make_proof(
            self.circle,
            checkpoint,
            [cosign(checkpoint.checkpoint, self.party.keys[one].holder, AT_MS // 1000) for one in others],
            index=ref.index,
            salt=tree.salts[ref.index],
            record=tree.records[ref.index],
            hashes=tree.inclusion(ref.index, len(tree.entries)),
        )

    @property
    def terms(self) -> Terms:
        """What the charter says."""
        return charter(
            self.circle.id,
            (Named(slug, label, economy) for slug, label, economy in PLACES),
            handling="TLP:GREEN",
            acknowledge_within_minutes=30,
            answer_within_minutes=120,
        )

    def view(self, case: Ref) -> CaseView:
        """The picture of a case."""
        return view(case, self.said, self.terms, Contexts())


def cites(ref: Ref) -> Source:
    """Another record, as a source."""
    return Source(kind="record", record=ref)


def told() -> tuple[Story, Ref]:
    """The story, and its case."""
    story = Story(party(seed=7, chosen=PLACES))
    case = story.write(
        "birch",
        Report,
        sources=(FEED,),
        event="incident",
        severity="serious-incident",
        relation="direct-cause",
        harms=("economic",),
        economies=("JP", "SG"),
        systems=(
            System(
                name="HarbourPilot <i>",
                version="4.2",
                certificates=(Certificate(issuer="KTR", number="KC-2026-17"),),
            ),
        ),
        operators=(Operator(name="Lighthouse AI", role="provider"),),
        fingerprints=(Fingerprint(kind="domain", value="feed.example"),),
        moments=(Moment(asserted_by="press", at_ms=AT_MS - 7_200_000, clock="occurred", precision="hour"),),
        attachments=(
            Attachment(
                media_type="application/pdf",
                sha256=sha256(CONTENT).hexdigest(),
                size_bytes=len(CONTENT),
                name="alert.pdf",
            ),
        ),
        summary="港湾の自動操船が同時に停止した。原因は更新とみられる。" + HOSTILE,
        lang="ja",
        translations=(
            Translation(
                by="duty",
                by_kind="officer",
                lang="en",
                text="Automatic pilots stopped at one moment; an update is thought to be the cause.",
            ),
        ),
    )
    ask = story.write(
        "birch",
        Ask,
        case=case,
        questions=("affected", "seen"),
        wanted_by_ms=AT_MS + 3 * 3_600_000,
    )
    story.write("ash", Acknowledgement, case=case, of=(ask,))
    story.write("ash", Answer, case=case, ask=ask, seen="seen", count="2-10", sources=(SAME_FEED,))
    story.write(
        "cedar",
        Answer,
        signed=False,
        author="matcher",
        author_kind="machine",
        answerable="duty",
        case=case,
        ask=ask,
        seen="seen",
        sources=(FEED,),
        matched="exact",
    )
    story.write(
        "cedar",
        Report,
        case=case,
        sources=(Source(kind="person", locator="a pilot", obtained="received"),),
        severity="incident",
        attachments=(
            Attachment(
                media_type="image/png",
                sha256=sha256(ILLEGAL).hexdigest(),
                size_bytes=len(ILLEGAL),
                illegal=True,
            ),
        ),
    )
    mistaken = story.write(
        "ash",
        Report,
        case=case,
        sources=(Source(kind="website", locator="https://rumour.example/1", obtained="published"),),
        severity="disaster",
        summary=HOSTILE,
        lang="en",
    )
    story.write("cedar", Withdrawal, case=case, of=(mistaken,), reason="unfounded")
    story.write("ash", Withdrawal, case=case, of=(mistaken,), reason="unfounded")
    story.write("birch", Correction, case=case, of=case, severity="incident", cleared=("operators",))
    story.write("dune", Answer, case=case, ask=ask, seen="cannot-tell", text=HOSTILE, lang="ru")
    story.write(
        "dune",
        OperatorPosition,
        case=case,
        operator="Lighthouse AI",
        role="provider",
        position="investigates",
    )
    story.write("birch", Passing, case=case, of=(case,), to="the port's authority")
    cause = story.write(
        "cedar",
        Hypothesis,
        after=1,
        case=case,
        under="attack",
        text="Somebody signed the update with a stolen key. " + HOSTILE,
        lang="en",
    )
    story.write(
        "ash",
        Reading,
        after=1,
        case=case,
        probabilities=(
            Probability(what="accident", permille=150),
            Probability(what="undetermined", permille=100),
            Probability(hypothesis=cause, permille=750),
        ),
        confidence="moderate",
        sources=(cites(case), SAME_FEED),
        who=(Actor(name=HOSTILE, permille=300),),
    )
    story.write(
        "cedar",
        Reading,
        after=1,
        case=case,
        probabilities=(Probability(what="accident", permille=600), Probability(what="attack", permille=400)),
        confidence="low",
        sources=(Source(kind="document", locator="the log of a ship", obtained="confidential"),),
    )
    story.write(
        "birch",
        Reading,
        after=1,
        case=case,
        probabilities=(Probability(what="undetermined", permille=1_000),),
        confidence="low",
    )
    story.write("dune", Closing, after=3, case=case, outcome="false-alarm")
    story.write("birch", Closing, case=case, outcome="incident")
    story.write("birch", GroundTruth, case=case, what="attack", hypothesis=cause)
    return story, case
