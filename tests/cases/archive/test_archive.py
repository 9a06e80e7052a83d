import hashlib
import json
import re
import zipfile
from base64 import b64encode
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cases.archive.made import archive, archive_of, files, story
from tests.cases.story import CONTENT, ILLEGAL
from tests.circles.party import memoised_signatures

from tocsin.cases.archive import ArchivePart, MalformedArchive, Opened, open_archive, proofs
from tocsin.cases.archive.document import Evidence, embedded
from tocsin.cases.archive.zipping import read_zip, write_zip
from tocsin.cases.telling import LANGUAGES
from tocsin.circles.evidence.prooffile import ProofFacts, verify_proof
from tocsin.core.tlog.proof import TlogProof


@pytest.fixture(autouse=True)
def _each_signature_once() -> Iterator[None]:
    """The same signatures are verified again and again."""
    with memoised_signatures():
        yield


def opened(data: bytes) -> Opened[ProofFacts]:
    """An archive, for somebody who knows the circle."""
    return open_archive(data, story()[0].circle.id, verify_proof)


def listed(changed: dict[str, bytes]) -> bytes:
    """An archive with these files, whose manifest says so."""
    manifest = json.loads(changed["manifest.json"])
    manifest["files"] = [
        {"name": name, "sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
        for name, content in sorted(changed.items())
        if name != "manifest.json"
    ]
    return write_zip(changed | {"manifest.json": json.dumps(manifest).encode()})


def test_an_archive_shows_a_whole_case() -> None:
    """Each record of the timeline is in it, proven, with who holds it."""
    known, case = story()
    found = opened(archive())

    assert (found.circle, found.case, found.unproven) == (known.circle.id, str(case), ())
    assert {name: one.body for name, one in found.proven.items()} == {
        str(said.ref): known.bodies[said.member][said.ref.index] for said in known.said
    }
    assert all(len(one.holders) == 3 for one in found.proven.values())


def test_the_same_case_makes_the_same_archive() -> None:
    """Case, proofs and moment are all that an archive depends on."""
    assert archive_of() == archive()


def test_each_proof_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A case of thousands of records has thousands of proofs, each as large as the charter."""
    data, read = archive(), list[bytes]()
    parse = TlogProof.parse

    def watched(proof: bytes) -> TlogProof:
        read.append(proof)
        return parse(proof)

    monkeypatch.setattr(proofs, "TlogProof", SimpleNamespace(parse=watched))
    whole = archive_of()
    made, read[:] = list(read), []
    found = opened(whole)

    assert whole == data
    assert len(made) == len(set(made)) == len(found.proven)
    assert sorted(read) == sorted(made)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_archive_in_each_language(lang: str) -> None:
    """The document is in the language that was asked for, and proves the same."""
    assert opened(archive_of(lang)).proven.keys() == opened(archive()).proven.keys()


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        (b"NOT proven: {record}", b"Proven: {record}"),
        (b'"use strict"', b'"use strict";1'),
        (b"</head>", b"<script>0</script></head>"),
        (b"default-src 'none'", b"default-src *"),
    ],
    ids=["words", "script", "another", "policy"],
)
def test_a_page_that_another_wrote_is_known_as_that(written: bytes, instead: bytes) -> None:
    """Records stay proven by the files; that the page itself is not of this version is said."""
    page = files()["index.html"].replace(written, instead)

    assert opened(archive()).page_known
    assert not opened(listed(files() | {"index.html": page})).page_known


def test_what_is_illegal_is_never_in_it() -> None:
    """Content that a record names as illegal is left out, though it is here; other content is in it."""
    assert opened(archive()).attachments == (hashlib.sha256(CONTENT).hexdigest(),)
    assert ILLEGAL not in archive()


def test_a_record_without_a_proof_says_why() -> None:
    """A record that cannot be proven yet is told in the document, and listed with the reason."""
    _, case = story()
    found = opened(archive_of(without={case: "not-provable"}))

    assert [(one.name, one.why) for one in found.unproven] == [(str(case), "not-provable")]
    assert str(case) not in found.proven


def test_another_circle_is_refused() -> None:
    """Whoever expects another circle gets told."""
    with pytest.raises(ArchivePart, match="expected an archive of circle 0000"):
        open_archive(archive(), "0" * 64, verify_proof)


@pytest.mark.parametrize("name", [name for name in files() if name != "manifest.json"])
def test_one_letter_of_any_file(name: str) -> None:
    """One letter changed in any file: refused, and it says in which."""
    content = bytearray(files()[name])
    content[len(content) // 2] ^= 1
    with pytest.raises(ArchivePart, match=re.escape(name)):
        opened(write_zip(files() | {name: bytes(content)}))


@pytest.mark.parametrize("name", sorted(name for name in files() if name.startswith("records/")))
def test_one_letter_of_a_record_in_a_manifest_made_anew(name: str) -> None:
    """Whoever changes a letter of a record and lists the new hash does not get through either."""
    content = files()[name].replace(b"TLP:GREEN", b"TLP:CLEAR", 1)
    with pytest.raises(ArchivePart, match=re.escape(name)):
        opened(listed(files() | {name: content}))


@given(st.data())
def test_one_letter_of_the_page_in_a_manifest_made_anew(data: st.DataObject) -> None:
    """Nothing that the page verifies or shows as a record can be changed without the files beside it."""
    page = files()["index.html"]
    begin = page.index(b'id="evidence">') + len(b'id="evidence">')
    at = data.draw(st.integers(begin, page.index(b'"words":', begin) - 1))
    letter = data.draw(st.sampled_from(b'aZ0"+{}').filter(lambda letter: letter != page[at]))
    changed = page[:at] + bytes([letter]) + page[at + 1 :]

    with pytest.raises((ArchivePart, MalformedArchive), match=r"index\.html"):
        opened(listed(files() | {"index.html": changed}))


def test_a_record_shown_otherwise_than_it_was_written() -> None:
    """A page that shows another text of a record than the one proven is refused."""
    page = files()["index.html"].replace(b"a pilot", b"a pirate").replace(b"Later", b"Sooner")
    with pytest.raises(ArchivePart, match=r"index\.html: expected it to show cedar"):
        opened(listed(files() | {"index.html": page}))


def test_a_page_that_tells_it_otherwise() -> None:
    """A page on which any other text was changed is refused too: a title, a heading, a quote, a caveat."""
    right = files()["index.html"]
    for before in ("<title>", "<h2>", "“", "</noscript>\n<p>", "</html>"):
        page = right.replace(before.encode(), f"{before}x".encode(), 1)
        assert page != right
        with pytest.raises(ArchivePart, match=r"index\.html: expected what it shows as it was made"):
            opened(listed(files() | {"index.html": page}))


@pytest.mark.parametrize(
    "changed",
    [
        {"records/ash.1.9.json": b"{}"},
        {"proofs/ash.1.9.tlog-proof": b"c2sp.org/tlog-proof@v1\n"},
        {"charter/2.note": b"x"},
        {"attachments/" + "0" * 64: b"x"},
        {"read-me-first.html": b"x"},
        {"other/x": b"x"},
    ],
)
def test_nothing_can_be_put_in_between(changed: dict[str, bytes]) -> None:
    """Whatever nothing shows is refused, though it is listed: it would pass for a part of the evidence."""
    (name,) = changed
    with pytest.raises(ArchivePart, match=name.partition("/")[0]):
        opened(listed(files() | changed))


def test_what_is_wrong_with_a_manifest_is_shown_legibly() -> None:
    """Whoever made the file chose what the decoder repeats: it comes into the error short and printable."""
    manifest = json.loads(files()["manifest.json"]) | {"\x1b[2J" * 1_000: ""}

    with pytest.raises(MalformedArchive) as refused:
        opened(write_zip(files() | {"manifest.json": json.dumps(manifest).encode()}))

    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 1_000


@pytest.mark.parametrize("name", ["proofs/cedar.1.2.tlog-proof", "records/dune.1.1.note", "index.html"])
def test_nothing_can_be_left_out(name: str) -> None:
    """A file that the manifest has and the archive does not is missed."""
    with pytest.raises((ArchivePart, MalformedArchive)):
        opened(write_zip({key: content for key, content in files().items() if key != name}))


@given(st.integers(0, len(archive()) - 1), st.integers(1, 255))
def test_one_byte_of_the_archive(at: int, change: int) -> None:
    """Whichever byte of the archive is changed, it is refused."""
    data = bytearray(archive())
    data[at] ^= change
    with pytest.raises((ArchivePart, MalformedArchive)):
        opened(bytes(data))


@given(st.binary(max_size=300))
def test_something_else_is_refused(data: bytes) -> None:
    """What is no archive is refused as that."""
    with pytest.raises(MalformedArchive):
        opened(data)


@pytest.mark.parametrize("extra", [b"more", archive()])
def test_nothing_before_or_behind(extra: bytes) -> None:
    """Bytes before the first file or behind the last are refused: a ZIP reader would pass over them."""
    for data in (extra + archive(), archive() + extra):
        with pytest.raises(MalformedArchive):
            opened(data)


@pytest.mark.parametrize("name", ["../up", "/etc/passwd", "a/b/c", "a\\b", "", "records/", "x\n", "ä"])
def test_names_that_lead_elsewhere(name: str) -> None:
    """A file whose name could lead out of a folder is refused."""
    with pytest.raises(MalformedArchive):
        read_zip(write_zip({name: b"x"}))


def test_nothing_is_unpacked() -> None:
    """A small archive that would unpack to a large one is refused unread."""
    data = BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("index.html", b"0" * 10**7)
    with pytest.raises(MalformedArchive, match="compressed"):
        opened(data.getvalue())


class Loads(HTMLParser):
    """What a page would load, its scripts and styles, and its policy."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.within = ""
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        self.tags.append((tag, dict(attrs)))
        self.within = tag

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser names it
        """A tag ends."""
        self.within = ""

    def handle_data(self, data: str) -> None:
        """What stands in it."""
        if self.within in self.texts:
            self.texts[self.within].append(data)


def test_the_page_asks_nobody_for_anything() -> None:
    """The page has no address to load from; its policy allows its own script and style, and nothing else."""
    found = Loads(files()["index.html"].decode())
    attributes = {name for _, attrs in found.tags for name in attrs}
    policy = next(attrs["content"] for tag, attrs in found.tags if "http-equiv" in attrs)
    hashes = [
        b64encode(hashlib.sha256(found.texts[tag][-1].encode()).digest()).decode()
        for tag in ("script", "style")
    ]

    assert not attributes & {"src", "href", "action", "srcset", "data", "style", "background", "poster"}
    assert not [name for name in attributes if name.startswith("on")]
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{hashes[0]}'; style-src 'sha256-{hashes[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert len(found.texts["script"]) == 2
    assert not {tag for tag, _ in found.tags} & {
        "img",
        "svg",
        "iframe",
        "object",
        "embed",
        "link",
        "a",
        "form",
    }


@given(st.text(alphabet=st.sampled_from("</script>!-&\u2028\u2029x"), max_size=40))
def test_evidence_never_ends_its_script(text: str) -> None:
    """Whatever evidence says, it has no end of a script within, and reads the same."""
    evidence = Evidence("f", "c", "x", (text,), (), (), (), {})
    form = embedded(evidence)

    assert not re.search("[<>&\u2028\u2029]", form)
    assert json.loads(form)["texts"] == [text]
