import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.circles import test_broken_limits as broken_limits
from tests.circles import test_contradictions as contradictions
from tests.circles.changes import FOUNDED, P, amended, log_of, removal
from tests.circles.party import (
    AT_MS,
    Party,
    Seeded,
    memoised_signatures,
    note_record,
    officer_key,
    party,
    tree_of,
)
from tests.circles.test_voids import envelope as void_envelope
from tests.cli.desks import done, flat, tocsin

from tocsin.circles.changing.fold import changed
from tocsin.circles.evidence.brokenlimit import broken_limit
from tocsin.circles.evidence.envelope import Envelope
from tocsin.circles.evidence.forks import Fork
from tocsin.circles.evidence.prooffile import make_proof
from tocsin.circles.evidence.voids import Void
from tocsin.circles.founding.circle import Circle
from tocsin.core.errors import Refusal
from tocsin.core.keys import SigningKey, decode_base64
from tocsin.core.note import sign_note
from tocsin.core.records import NoteRecord, parse_record, sign_record
from tocsin.core.tlog.checkpoint import Checkpoint, cosign, sign_checkpoint

TIME_S = AT_MS // 1000


def proof_of(founded: Party, text: str, *holders: str) -> bytes:
    """The proof of a note by `ash`, held by these members."""
    ash = founded.circle.by_slug["ash"]
    tree = tree_of(ash, text)
    checkpoint = tree.checkpoint(2, founded.keys["ash"].log)
    return make_proof(
        founded.circle,
        checkpoint,
        [cosign(checkpoint.checkpoint, founded.keys[slug].holder, TIME_S) for slug in holders],
        index=1,
        salt=tree.salts[1],
        record=tree.records[1],
        hashes=tree.inclusion(1, 2),
    )


def fork_of(founded: Party) -> bytes:
    """The evidence of two versions of the log of `ash`."""
    ash = founded.circle.by_slug["ash"]
    key = founded.keys["ash"].log
    first, second = (tree_of(ash, text).checkpoint(2, key) for text in ("yes", "no"))
    return Fork(first, second).encode(founded.circle.id, ash.opening)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in: no configuration, no node."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_proof_says_who_wrote_and_who_received(elsewhere: Path) -> None:
    """With the file and the circle's id alone: the author, the text, and each member that confirmed it."""
    (elsewhere / "proof").write_bytes(proof_of(party(), "Smoke.", "birch", "cedar"))
    told = flat(done("verify", "proof", "--circle", party().circle.id))
    for said in ("VERIFIED", "Harbour", "Ash Desk (ash, KR), as no. 1", "Smoke.", "TLP:GREEN"):
        assert said in told
    assert "birch Birch 研究所 JP 2023-05-22 14:00:00 UTC" in told
    assert "2 members in 2 economies" in told


def test_a_proof_for_a_program(elsewhere: Path) -> None:
    """--json has the record as it was written, and every member that confirmed it."""
    (elsewhere / "proof").write_bytes(proof_of(party(), "Smoke.", "cedar"))
    found = json.loads(done("verify", "proof", "--circle", party().circle.id, "--json"))
    assert (found["kind"], found["author"]["member"], found["index"]) == ("proof", "ash", 1)
    assert [holder["member"] for holder in found["holders"]] == ["cedar"]
    record = parse_record(decode_base64(found["record"], Refusal)).record
    assert isinstance(record, NoteRecord)
    assert record.text == "Smoke."


def test_a_proof_that_nobody_confirmed_says_so(elsewhere: Path) -> None:
    """A file without confirmations proves who wrote, and claims no more."""
    (elsewhere / "proof").write_bytes(proof_of(party(), "Smoke."))
    assert "nobody, as far as this file shows" in done("verify", "proof", "--circle", party().circle.id)


def test_every_changed_letter_fails(elsewhere: Path) -> None:
    """Whichever byte of the file is another one, the exit code is 1 and nothing is called verified."""
    data = proof_of(party(), "Smoke.", "birch")
    with memoised_signatures():
        for place in range(0, len(data), 97):
            (elsewhere / "proof").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
            result = tocsin("verify", "proof", "--circle", party().circle.id)
            assert (result.exit_code, result.stdout) == (1, ""), place


def test_a_proof_of_another_circle_is_refused_with_both_ids(elsewhere: Path) -> None:
    """The id is what the checker trusts: the error shows what was expected and found, and what to do."""
    (elsewhere / "proof").write_bytes(proof_of(party(), "Smoke."))
    result = tocsin("verify", "proof", "--circle", "0" * 64, "--json")
    assert result.exit_code == 1
    error = json.loads(result.stderr)
    assert error["error"] == "proof-elsewhere"
    assert party().circle.id in error["message"]
    assert error["next"]


def test_the_first_digits_of_a_circle_are_no_id() -> None:
    """Others may begin so: what proves something takes the whole id."""
    result = tocsin("verify", "proof", "--circle", party().circle.id[:8])
    assert result.exit_code == 2
    assert "Expected all 64 hex digits" in flat(result.stderr)


def test_an_officers_signature_is_named_as_what_it_is(elsewhere: Path) -> None:
    """A proof cannot show that an officer was listed: it says that the signature is claimed."""
    founded = party()
    log = founded.log("ash")
    ash = founded.circle.by_slug["ash"]
    tree = tree_of(ash)
    record = sign_record(note_record(log, "Signed.", "watch"), officer_key(log, "watch"))
    tree = type(tree)(log, [ash.opening, record])
    proof = make_proof(
        founded.circle,
        tree.checkpoint(2, founded.keys["ash"].log),
        [],
        index=1,
        salt=tree.salts[1],
        record=record,
        hashes=tree.inclusion(1, 2),
    )
    (elsewhere / "proof").write_bytes(proof)
    assert "an officer (watch), which this file cannot show" in flat(
        done("verify", "proof", "--circle", founded.circle.id)
    )


@pytest.mark.parametrize("text", ["\x1b[2J\x1b[H\x1b[32mVERIFIED", "a\u202eb", "a\rb", "\x9b31m"])
def test_a_hostile_record_does_nothing_to_the_terminal(elsewhere: Path, text: str) -> None:
    """What a record holds is shown, not obeyed, by people's output and by programs'."""
    (elsewhere / "proof").write_bytes(proof_of(party(), text))
    for more in ([], ["--json"]):
        told = done("verify", "proof", "--circle", party().circle.id, *more)
        assert not set(text) & set("\x1b\x9b\r\u202e") & set(told)


def test_two_versions_of_a_log_are_shown_to_anyone(elsewhere: Path) -> None:
    """With the charter and the join files of all members, the evidence convicts its author."""
    founded = party()
    (elsewhere / "charter.toml").write_text(founded.text)
    for slug, data in founded.join_files.items():
        (elsewhere / f"{slug}.join").write_bytes(data)
    (elsewhere / "fork.json").write_bytes(fork_of(founded))
    joins = [f"{slug}.join" for slug in founded.join_files]
    arguments = ("verify", "fork.json", *joins, "--charter", "charter.toml", "--circle")
    told = flat(done(*arguments, founded.circle.id))
    assert "two versions of one log, both signed by Ash Desk (ash, KR)" in told
    assert json.loads(done(*arguments, founded.circle.id, "--json"))["member"]["member"] == "ash"
    assert tocsin(*arguments, "0" * 64).exit_code == 1
    fork = (elsewhere / "fork.json").read_bytes()
    (elsewhere / "fork.json").write_bytes(fork.replace(b'"second":"', b'"second":"x'))
    assert tocsin(*arguments, founded.circle.id).exit_code == 1


def test_evidence_with_its_circle_needs_nothing_else(elsewhere: Path) -> None:
    """A stranger has the file and the circle's id: it says what it shows, and what it does not."""
    founded = party()
    data = Envelope(founded.circle, (), fork_of(founded)).encode()
    (elsewhere / "fork.evidence").write_bytes(data)
    told = flat(done("verify", "fork.evidence", "--circle", founded.circle.id))
    assert "two versions of one log, both signed by Ash Desk (ash, KR)" in told
    assert "It does not show which of them is true" in told
    assert tocsin("verify", "fork.evidence", "--circle", "0" * 64).exit_code == 1
    (elsewhere / "fork.evidence").write_bytes(data.replace(b"tocsin-fork/v1", b"tocsin-spoon/v1"))
    result = tocsin("verify", "fork.evidence", "--circle", founded.circle.id)
    assert (result.exit_code, "malformed-evidence" in result.stderr) == (1, True)


def test_what_was_signed_after_an_end_is_void(elsewhere: Path) -> None:
    """The file says by whose word the log had ended, and that nobody knows who used its key."""
    (elsewhere / "void.evidence").write_bytes(void_envelope())
    told = flat(done("verify", "void.evidence", "--circle", FOUNDED.id))
    assert "a log of Ash Desk (ash, KR) that is another than the one that ended" in told
    assert "ended with 8 entries" in told
    assert "It does not show who used it, or when" in told
    found = json.loads(done("verify", "void.evidence", "--circle", FOUNDED.id, "--json"))
    assert (found["kind"], found["end"], found["size"]) == ("void", 8, 7)


def test_what_was_signed_beyond_a_removal_accuses_nobody(elsewhere: Path) -> None:
    """The others ended that log: that its organisation does not stand by it is nobody's word."""
    removed = amended(FOUNDED, ["ash", "birch", "cedar"], removed=[removal("date")])
    circle = changed(FOUNDED, [removed])
    later = Checkpoint(str(log_of("date")), 16, bytes(32))
    void = Void(circle.by_log[later.origin], sign_checkpoint(later, P.keys["date"].log))
    (elsewhere / "void.evidence").write_bytes(Envelope(FOUNDED, (removed,), void.encode()).encode())

    told = flat(done("verify", "void.evidence", "--circle", FOUNDED.id))

    assert "ended with 15 entries" in told
    assert "by the amendment that removed it" in told
    assert "organisation's word" not in told
    assert "may have gone on before it knew" in told


def broken_limit_of(circle: Circle) -> bytes:
    """Two checkpoints of a log that grew too fast in the eyes of birch and cedar."""
    first, second = (
        broken_limits._signed(size, broken_limits._at(at_s, "birch", "cedar"))
        for size, at_s in ((10, 100), (10**6, 101))
    )
    return broken_limit(circle, first, second).encode(circle.id)


OF_OTHER_KINDS = {
    "two-openings": (
        Envelope(FOUNDED, (contradictions.FIRST, contradictions.SECOND), contradictions.OPENINGS),
        "two openings of one epoch, both signed by the organisation key of Ash Desk (ash, KR)",
    ),
    "two-amendments": (
        Envelope(FOUNDED, (contradictions.NEW_KEY, contradictions.RENAMED), contradictions.AMENDMENTS),
        "two charters that cannot both be the next, both signed by",
    ),
    "broken-limit": (
        Envelope(broken_limits.CIRCLE, (), broken_limit_of(broken_limits.CIRCLE)),
        "more records by Ash Desk (ash, KR) than the charter allows",
    ),
}


@pytest.mark.parametrize("kind", OF_OTHER_KINDS)
def test_each_kind_of_evidence_says_what_it_shows_and_what_not(elsewhere: Path, kind: str) -> None:
    """With its circle in one file; without, or bent, it is refused."""
    envelope, words = OF_OTHER_KINDS[kind]
    circle = envelope.circle.id
    (elsewhere / "file").write_bytes(envelope.encode())
    told = flat(done("verify", "file", "--circle", circle))
    assert words in told
    assert "It does not show" in told or "It is worth" in told
    assert json.loads(done("verify", "file", "--circle", circle, "--json"))["kind"] == kind
    (elsewhere / "file").write_bytes(envelope.evidence)
    assert tocsin("verify", "file", "--circle", circle).exit_code == 2
    bent = envelope.encode().replace(b'/v1\\"', b'/v9\\"')
    (elsewhere / "file").write_bytes(bent)
    assert tocsin("verify", "file", "--circle", circle).exit_code == 1


def test_an_impostor_is_told_from_the_member_whose_name_it_bears(elsewhere: Path) -> None:
    """A signed text is a member's word or is not; that it is not accuses nobody, and the exit code is 1."""
    founded = party()
    (elsewhere / "charter.toml").write_text(founded.text)
    for slug, data in founded.join_files.items():
        (elsewhere / f"{slug}.join").write_bytes(data)
    joins = [f"{slug}.join" for slug in founded.join_files]
    arguments = ("verify", "statement", *joins, "--charter", "charter.toml", "--circle", founded.circle.id)
    right = founded.keys["ash"].request
    fake = SigningKey.generate(right.verifying.name, right.verifying.type, Seeded("impostor"))
    for key, holds in ((right, True), (fake, False)):
        (elsewhere / "statement").write_bytes(sign_note("Stand down.\n", key).encode())
        result = tocsin(*arguments)
        assert result.exit_code == (0 if holds else 1)
        assert ("NOT by Ash Desk (ash, KR)" in flat(result.stdout)) is not holds
        assert "accuses nobody" in flat(result.stdout)
        found = json.loads(tocsin(*arguments, "--json").stdout)
        assert found["signers"][0]["verdict"] == ("genuine" if holds else "impostor")
    stranger = SigningKey.generate("else.example/ash", right.verifying.type, Seeded("stranger"))
    (elsewhere / "statement").write_bytes(sign_note("Stand down.\n", stranger).encode())
    assert tocsin(*arguments).exit_code == 1


def test_what_belongs_to_the_other_kind_of_file_is_a_mistake(elsewhere: Path) -> None:
    """A proof needs no charter, and evidence needs one: either way the command says so."""
    (elsewhere / "proof").write_bytes(proof_of(party(), "Smoke."))
    (elsewhere / "fork.json").write_bytes(fork_of(party()))
    (elsewhere / "charter.toml").write_text(party().text)
    circle = party().circle.id
    assert tocsin("verify", "proof", "--circle", circle, "--charter", "charter.toml").exit_code == 2
    assert tocsin("verify", "fork.json", "--circle", circle).exit_code == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x00", b"{", b"{}\n", b"c2sp.org/tlog-proof@v1\nindex 0\n\n", b"\xff"]
)
def test_what_is_no_proof_is_refused(elsewhere: Path, content: bytes) -> None:
    """Any file at all ends in a refusal or a usage error, never in a crash."""
    (elsewhere / "proof").write_bytes(content)
    result = tocsin("verify", "proof", "--circle", "0" * 64)
    assert result.exit_code in {1, 2}
    assert isinstance(result.exception, SystemExit)


def test_a_file_that_is_not_there(elsewhere: Path) -> None:
    """The error names it."""
    result = tocsin("verify", "proof", "--circle", "0" * 64)
    assert result.exit_code == 3
    assert "'proof'" in result.stderr
    assert elsewhere.exists()


def test_verify_imports_no_network_no_database_and_no_server() -> None:
    """Offline is not only a promise: the modules that could do otherwise are not there."""
    program = (
        "import sys, tocsin.cli.evidence.verify as verify\n"
        "print(*(set(sys.modules) & {'aiohttp', 'asyncio', 'http', 'socket', 'sqlite3', 'ssl', 'starlette',"
        " 'uvicorn', 'uvloop'}))"
    )
    found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
