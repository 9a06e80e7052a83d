"""Opening an archive: whether everything in it is what it says, and shows what it has to.

(1) It is one: MalformedArchive. Everything after that is an ArchivePart, which names the part: (2) its files
are those of the manifest, each has its hash, and there is no other kind of file; (3) each proof file
verifies, in the circle that one knows, and proves the record that stands beside it under its name; (4) the
charter's versions are those of the proofs; (5) the page verifies these same proofs, and shows these records.

Who verifies proof files is given: that is the circles' part.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from msgspec import DecodeError, Struct, json

from tocsin.cases.archive.document import FORMAT, Evidence, embedded, evidence_in, is_known
from tocsin.cases.archive.errors import ArchivePart, MalformedArchive
from tocsin.cases.archive.making import (
    BRIEF,
    CIRCLE,
    MANIFEST,
    PAGE,
    Manifest,
    charter_files,
    proof_file,
    record_file,
)
from tocsin.cases.archive.proofs import Proof, Unproven, charters, parts
from tocsin.cases.archive.shown import shown_by
from tocsin.cases.archive.zipping import read_zip
from tocsin.cases.telling.page import Verbatim, block_as_html
from tocsin.core.errors import Refusal, problem_of, quoted
from tocsin.core.names import LogName

_PROOFS, _PROOF, _ATTACHMENTS = "proofs/", ".tlog-proof", "attachments"
_FILES = (PAGE, BRIEF, CIRCLE)
_FOLDERS = ("records", "proofs", "charter", _ATTACHMENTS)


class Author(Protocol):
    """Who wrote a record."""

    @property
    def log(self) -> LogName:
        """The log in which it stands."""
        ...


class Proven(Protocol):
    """What a proof file proves: see `circles.evidence.prooffile.ProofFacts`."""

    @property
    def author(self) -> Author:
        """Who wrote it."""
        ...

    @property
    def index(self) -> int:
        """Where the record stands in its log."""
        ...

    @property
    def body(self) -> bytes:
        """The record."""
        ...


P = TypeVar("P", bound=Proven)


@dataclass(frozen=True, slots=True)
class Opened(Generic[P]):
    """A whole archive: what is proven of each record of `case`, by its name, and which have no proof.

    `attachments` are the SHA-256 of the content in it. `page_known`: its page has the scripts and words of
    this version; what another page does in a browser, nothing here says.
    """

    circle: str
    case: str
    proven: Mapping[str, P]
    unproven: tuple[Unproven, ...]
    attachments: tuple[str, ...]
    page_known: bool


def open_archive(data: bytes, circle: str, verify_proof: Callable[[bytes, str], P]) -> Opened[P]:
    """What an archive holds for somebody who knows the circle's id. Raises MalformedArchive, ArchivePart."""
    # (1) an archive
    files = read_zip(data)
    manifest = _decode(files.get(MANIFEST), Manifest, MANIFEST)
    # (2) its files
    _check_files(files, manifest, circle)
    # (3) proofs
    proofs = {
        name.removeprefix(_PROOFS).removesuffix(_PROOF): content
        for name, content in files.items()
        if name.startswith(_PROOFS)
    }
    proven = {name: _verified(name, files, circle, verify_proof) for name in proofs}
    records = {record_file(name, one.body) for name, one in proven.items()}
    if strangers := [name for name in files if name.startswith("records/") and name not in records]:
        raise ArchivePart(f"{strangers[0]}: expected a record with its proof, found one without.")
    texts, parted = parts(dict(sorted(proofs.items())))
    # (4) charter
    versions = {name: content for name, content in files.items() if name.startswith("charter/")}
    if versions != charter_files(charters(texts, parted)):
        raise ArchivePart("charter: expected the versions that the proofs have, found others.")
    # (5) page
    page = files.get(PAGE, b"")
    evidence = _decode((evidence_in(page) or "").encode(), Evidence, PAGE)
    _check_page(page, evidence, manifest, texts, parted)
    _check_shown(page, evidence, proven)
    attachments = (name.partition("/")[2] for name in files if name.startswith(f"{_ATTACHMENTS}/"))
    return Opened(
        circle=manifest.circle,
        case=manifest.case,
        proven=proven,
        unproven=evidence.unproven,
        attachments=tuple(attachments),
        page_known=is_known(page, evidence),
    )


T = TypeVar("T", bound=Struct)


def _decode(data: bytes | None, kind: type[T], name: str) -> T:
    try:
        return json.decode(data or b"", type=kind)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedArchive(
            f"Expected {name} of an archive of a case, found: {problem_of(error)}."
        ) from None


def _check_files(files: Mapping[str, bytes], manifest: Manifest, circle: str) -> None:
    if manifest.format != FORMAT:
        raise MalformedArchive(f"Expected the format {FORMAT}, found {quoted(manifest.format)}.")
    if manifest.circle != circle:
        raise ArchivePart(f"{MANIFEST}: expected an archive of circle {circle}, found {manifest.circle}.")
    listed = {file.name: file for file in manifest.files}
    for name in sorted(listed.keys() | files.keys() - {MANIFEST}):
        if name not in files or name not in listed:
            raise ArchivePart(f"{name}: expected the files of the manifest, found one more or one less.")
        if hashlib.sha256(files[name]).hexdigest() != listed[name].sha256:
            raise ArchivePart(f"{name}: expected the file that was put in, found it changed.")
        folder, _, named = name.rpartition("/")
        if name not in _FILES and folder not in _FOLDERS:
            raise ArchivePart(f"{name}: expected no such file in an archive of a case.")
        if folder == _ATTACHMENTS and listed[name].sha256 != named:
            raise ArchivePart(f"{name}: expected the content of that hash, found another.")


def _verified(
    name: str, files: Mapping[str, bytes], circle: str, verify_proof: Callable[[bytes, str], P]
) -> P:
    try:
        facts = verify_proof(files[proof_file(name)], circle)
    except Refusal as refusal:
        raise ArchivePart(f"{proof_file(name)}: {refusal}") from refusal
    if (found := facts.author.log.record(facts.index)) != name:
        raise ArchivePart(f"{proof_file(name)}: expected the proof of {name}, found that of {found}.")
    if files.get(beside := record_file(name, facts.body)) != facts.body:
        raise ArchivePart(f"{beside}: expected the record that was proven, found another.")
    return facts


def _check_page(
    page: bytes, evidence: Evidence, manifest: Manifest, texts: Sequence[str], parted: Iterable[Proof]
) -> None:
    """That the page has what the files have, as `embedded` writes it."""
    found = {proof.name: proof for proof in evidence.proofs}
    places = {text: place for place, text in enumerate(evidence.texts)}
    for proof in parted:
        versions, key_events = (
            tuple(places.get(texts[place], -1) for place in of) for of in (proof.charters, proof.key_events)
        )
        shown = found.pop(proof.name, None)
        if shown is None or (shown.charters, shown.key_events) != (versions, key_events):
            raise ArchivePart(f"{PAGE}: expected it to verify {proof.name}, found it to verify another.")
        for field in ("index", "hashes", "checkpoint", "salt", "record"):
            if getattr(shown, field) != getattr(proof, field):
                raise ArchivePart(f"{PAGE}: expected the proof of {proof.name}, found another `{field}`.")
    if found or (evidence.format, evidence.circle, evidence.case) != (
        manifest.format,
        manifest.circle,
        manifest.case,
    ):
        raise ArchivePart(f"{PAGE}: expected it to verify this case's records and no other.")
    if evidence.files != tuple(file for file in manifest.files if file.name != PAGE):
        raise ArchivePart(f"{PAGE}: expected it to know the files beside it, found others.")
    if evidence_in(page) != embedded(evidence):
        raise ArchivePart(f"{PAGE}: expected its evidence in its one form.")


def _check_shown(page: bytes, evidence: Evidence, proven: Mapping[str, Proven]) -> None:
    """That each record is shown where it was proven, as it was written; and all else as it was made."""
    text = page.decode("utf-8", "replace")
    for name, one in proven.items():
        whole = block_as_html(Verbatim("", one.body.decode("utf-8", "replace"), f"record-{name}"))
        if whole[whole.index("<pre") :] not in text:
            raise ArchivePart(f"{PAGE}: expected it to show {name} as it was written, found it otherwise.")
    if evidence.shown != shown_by(text):
        raise ArchivePart(f"{PAGE}: expected what it shows as it was made, found it changed.")
