"""Making an archive: a case with everything that shows it, for somebody who trusts nobody here.

    index.html              to be read, and verifies itself in a browser
    brief.md                the same page in Markdown, without the records
    records/<record>.json   each record as it was written (.note: with its officer's signature)
    proofs/<record>         its proof file (docs/protocol.md, section 13)
    charter/<version>.note  the charter's versions, signed
    circle.json             the circle in one file, with every event (section 8.6): all keys, and who vouched
    attachments/<sha256>    content that is here; never what is marked as illegal
    manifest.json           the SHA-256 of each of these

The same case, proofs and moment make the same bytes.
"""

import hashlib
from collections.abc import Iterator, Mapping

from msgspec import Struct, json

from tocsin.cases.archive.document import FORMAT, Evidence, document, words_of
from tocsin.cases.archive.proofs import Extra, File, Proof, Unproven, parts
from tocsin.cases.archive.zipping import write_zip
from tocsin.cases.delivery.view import Delivery
from tocsin.cases.picture.view import CaseView
from tocsin.cases.telling import Language, Page, brief, timeline
from tocsin.cases.telling.page import Heading, Verbatim
from tocsin.core.errors import Fault
from tocsin.core.records import Correction, Ref, Report
from tocsin.core.views import Terms

PAGE, MANIFEST, CIRCLE, BRIEF = "index.html", "manifest.json", "circle.json", "brief.md"


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """What an archive consists of: every file of it but the manifest, sorted by name."""

    format: str
    circle: str
    case: str
    files: tuple[File, ...]


def make_archive(
    view: CaseView,
    terms: Terms,
    language: Language,
    now_ms: int,
    proofs: Mapping[Ref, bytes | str],
    *,
    circle_file: bytes,
    attachments: Mapping[str, bytes],
    delivery: Delivery | None = None,
) -> bytes:
    """The archive. `proofs` has of each record its proof file, or else the code of why there is none.

    `circle_file` is the circle in one file, `attachments` content by its SHA-256: what no record of the case
    names, or one names as illegal, is left out. Raises what `Extra.of` raises for what is no proof file, and
    Fault for content that is not what it is called.
    """
    proven = {str(ref): data for ref, data in sorted(proofs.items()) if isinstance(data, bytes)}
    unproven = tuple(Unproven(str(ref), why) for ref, why in sorted(proofs.items()) if isinstance(why, str))
    texts, parted = parts(proven)
    page = brief(view, terms, language, now_ms, delivery)
    beside = {
        **dict(sorted(_files(view, proven, attachments).items())),
        BRIEF: page.markdown().encode(),
        CIRCLE: circle_file,
    }
    evidence = Evidence(
        format=FORMAT,
        circle=terms.circle,
        case=str(view.case),
        texts=texts,
        proofs=parted,
        unproven=unproven,
        files=_listed(beside),
        words=words_of(language),
    )
    written = {ref: Extra.of(data).body.decode() for ref, data in proofs.items() if isinstance(data, bytes)}
    told = timeline(view, terms, language, delivery, written)
    whole = Page(language.tag, (*page.blocks, *told, *_charters(texts, parted, language)))
    files = {PAGE: document(whole, evidence, language), **beside}
    manifest = Manifest(FORMAT, terms.circle, str(view.case), _listed(files))
    return write_zip(files | {MANIFEST: json.format(json.encode(manifest), indent=1) + b"\n"})


def record_file(name: str, body: bytes) -> str:
    """Where the record of that name stands."""
    signed = body.endswith(b"\n")
    return f"records/{name}.{'note' if signed else 'json'}"


def proof_file(name: str) -> str:
    """Where its proof stands."""
    return f"proofs/{name}.tlog-proof"


def charter_files(proofs: Mapping[str, bytes]) -> dict[str, bytes]:
    """The versions of the charter that these proofs have."""
    longest = max((Extra.of(proof).charters for proof in proofs.values()), key=len, default=())
    return {f"charter/{version}.note": text.encode() for version, text in enumerate(longest, 1)}


def _files(view: CaseView, proofs: Mapping[str, bytes], attachments: Mapping[str, bytes]) -> dict[str, bytes]:
    files = charter_files(proofs)
    for name, proof in proofs.items():
        body = Extra.of(proof).body
        files[record_file(name, body)] = body
        files[proof_file(name)] = proof
    for sha256 in _may_be_shown(view) & attachments.keys():
        content = attachments[sha256]
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Fault(f"Expected the content of SHA-256 {sha256}, found another.")
        files[f"attachments/{sha256}"] = content
    return files


def _may_be_shown(view: CaseView) -> set[str]:
    """What records name as attached, and none of them as illegal."""
    named = [
        attachment
        for entry in view.timeline
        if isinstance(entry.record, Report | Correction)
        for attachment in entry.record.attachments or ()
    ]
    return {one.sha256 for one in named} - {one.sha256 for one in named if one.illegal}


def _charters(
    texts: tuple[str, ...], proofs: tuple[Proof, ...], language: Language
) -> Iterator[Heading | Verbatim]:
    longest = max((proof.charters for proof in proofs), key=len, default=())
    if longest:
        yield Heading(2, language.phrases["charter"])
    for version, place in enumerate(longest, 1):
        yield Verbatim(language.say("version", number=version), texts[place])


def _listed(files: Mapping[str, bytes]) -> tuple[File, ...]:
    return tuple(
        File(name, hashlib.sha256(content).hexdigest(), len(content))
        for name, content in sorted(files.items())
    )
