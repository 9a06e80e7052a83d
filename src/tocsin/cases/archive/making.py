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
from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, json

from tocsin.cases.archive.document import FORMAT, Evidence, document, words_of
from tocsin.cases.archive.proofs import File, Unproven, charters, parts
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
    names, or one names as illegal, is left out. Raises what `parts` raises for what is no proof file, and
    Fault for content that is not what it is called.
    """
    proven = {str(ref): data for ref, data in sorted(proofs.items()) if isinstance(data, bytes)}
    unproven = tuple(Unproven(str(ref), why) for ref, why in sorted(proofs.items()) if isinstance(why, str))
    texts, parted = parts(proven)
    bodies = {proof.name: proof.body for proof in parted}
    versions = charters(texts, parted)
    page = brief(view, terms, language, now_ms, delivery)
    beside = {
        **dict(sorted(_files(proven, bodies, versions, _shown(view, attachments)).items())),
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
    written = {ref: bodies[str(ref)].decode() for ref in proofs if str(ref) in bodies}
    told = timeline(view, terms, language, delivery, written)
    whole = Page(language.tag, (*page.blocks, *told, *_charters(versions, language)))
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


def charter_files(versions: Iterable[str]) -> dict[str, bytes]:
    """Where the versions of the charter stand."""
    return {f"charter/{version}.note": text.encode() for version, text in enumerate(versions, 1)}


def _files(
    proofs: Mapping[str, bytes],
    bodies: Mapping[str, bytes],
    versions: Iterable[str],
    attachments: Mapping[str, bytes],
) -> dict[str, bytes]:
    files = charter_files(versions)
    for name, proof in proofs.items():
        files[record_file(name, bodies[name])] = bodies[name]
        files[proof_file(name)] = proof
    for sha256, content in attachments.items():
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Fault(f"Expected the content of SHA-256 {sha256}, found another.")
        files[f"attachments/{sha256}"] = content
    return files


def _shown(view: CaseView, attachments: Mapping[str, bytes]) -> dict[str, bytes]:
    """The content that may be shown."""
    return {sha256: attachments[sha256] for sha256 in _may_be_shown(view) & attachments.keys()}


def _may_be_shown(view: CaseView) -> set[str]:
    """What records name as attached, and none of them as illegal."""
    named = [
        attachment
        for entry in view.timeline
        if isinstance(entry.record, Report | Correction)
        for attachment in entry.record.attachments or ()
    ]
    return {one.sha256 for one in named} - {one.sha256 for one in named if one.illegal}


def _charters(versions: Sequence[str], language: Language) -> Iterator[Heading | Verbatim]:
    if versions:
        yield Heading(2, language.phrases["charter"])
    for version, text in enumerate(versions, 1):
        yield Verbatim(language.say("version", number=version), text)


def _listed(files: Mapping[str, bytes]) -> tuple[File, ...]:
    return tuple(
        File(name, hashlib.sha256(content).hexdigest(), len(content))
        for name, content in sorted(files.items())
    )
