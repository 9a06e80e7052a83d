import json
import os
import pty
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from tests.cli.desks import TOCSIN, Desk, desk, done, drafted, flat, tocsin
from tests.node.nodes import free_port

from tocsin.circles.founding.joinfile import JoinFile
from tocsin.circles.founding.memberkeys import MemberKeys
from tocsin.circles.founding.opening import opening_of
from tocsin.cli.organisation.keyfile import read_either, read_key, read_public
from tocsin.core import sealed
from tocsin.core.keys import SigningKey
from tocsin.core.records import Endpoint, Opening
from tocsin.core.sealed import Cost, SealedKey
from tocsin.node.clock import SystemChance
from tocsin.node.config import load_config
from tocsin.node.papers.draft import Draft, MalformedDraft

PASSPHRASE = "seven herons over a tin roof"
_STUCK_S = 30


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A passphrase costs nothing to try here."""
    monkeypatch.setattr(sealed.seal, "__defaults__", (Cost(memory_kib=8, passes=1),))


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file with a passphrase."""
    return _passphrase(tmp_path / "passphrase", PASSPHRASE)


def _passphrase(path: Path, words: str) -> Path:
    path.write_text(f"{words}\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def safe(tmp_path: Path, secret: Path) -> Path:
    """A folder with a key under that passphrase, on a machine that knows no node."""
    done("org", "keygen", tmp_path / "safe", "--passphrase-file", secret)
    return tmp_path / "safe"


@pytest.fixture
def apricot(tmp_path: Path, safe: Path) -> Desk:
    """A desk that has only the public half."""
    folder = tmp_path / "apricot"
    endpoint = f"https://127.0.0.1:{free_port()}"
    done("init", folder, "--public-key", safe / "organisation-live.pub", "--endpoint", endpoint)
    return Desk("apricot", folder)


def test_a_key_is_made_where_there_is_no_node(safe: Path, secret: Path) -> None:
    """Two files: the key under its passphrase, for its owner alone, and the public half."""
    key = safe / "organisation-live.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert isinstance(read_either(key), SealedKey)
    opened = read_key(key, "live", lambda: PASSPHRASE)
    assert opened.verifying == read_public(safe / "organisation-live.pub", "live")
    assert opened.encode_unsafe() not in key.read_text()
    assert tocsin("org", "keygen", safe, "--passphrase-file", secret).exit_code == 3


def test_a_key_without_its_public_half_is_none(tmp_path: Path, secret: Path) -> None:
    """Where that cannot be written, the key goes too, and the same command makes another one."""
    command = ("org", "keygen", tmp_path / "safe", "--passphrase-file", secret)
    blocked = tmp_path / "safe" / "organisation-live.pub.unfinished"
    blocked.mkdir(parents=True)

    assert tocsin(*command).exit_code == 3
    assert list((tmp_path / "safe").iterdir()) == [blocked]
    blocked.rmdir()
    done(*command)


def test_init_takes_a_key_that_was_made_elsewhere(apricot: Desk, safe: Path) -> None:
    """The node never had the secret half, and introduces its organisation all the same."""
    assert not list(apricot.folder.rglob("organisation-live.key"))
    apricot.introduce()
    public = json.loads(done("org", "show", safe / "organisation-live.key", "--json"))["public"]
    assert public.rpartition("+")[2] in apricot.member_file.read_text()


def test_without_a_terminal_nobody_is_asked(tmp_path: Path) -> None:
    """A script that forgot the passphrase ends with what to do, and makes nothing."""
    for arguments in (("org", "keygen", tmp_path / "safe"), ("init", tmp_path / "apricot")):
        result = tocsin(*arguments)
        assert result.exit_code == 3
        assert "--passphrase-file" in flat(result.stderr)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", ["", "short"])
def test_a_weak_passphrase_is_refused(tmp_path: Path, words: str) -> None:
    """Twelve characters at least; then nothing is made."""
    file = _passphrase(tmp_path / "passphrase", words)
    result = tocsin("org", "keygen", tmp_path / "safe", "--passphrase-file", file)
    assert result.exit_code == 1
    assert "(weak-passphrase)" in result.stderr
    assert not (tmp_path / "safe").exists()


def test_a_passphrase_file_that_others_read_is_refused(tmp_path: Path, secret: Path) -> None:
    """As every file with a secret in it."""
    secret.chmod(0o644)
    result = tocsin("org", "keygen", tmp_path / "safe", "--passphrase-file", secret)
    assert "(unsafe-file)" in result.stderr


def test_a_sealed_key_may_lie_on_a_medium_without_owners(safe: Path) -> None:
    """Most sticks know none: its passphrase protects the key there."""
    key = safe / "organisation-live.key"
    key.chmod(0o777)
    assert read_key(key, "live", lambda: PASSPHRASE).verifying.name == "live"


def test_show_says_what_a_file_is_and_what_to_compare(safe: Path) -> None:
    """Both halves show the same letters, and neither shows a secret."""
    told = [done("org", "show", safe / f"organisation-live.{half}") for half in ("key", "pub")]
    assert "under a passphrase" in told[0]
    codes = [one.partition("To compare aloud:")[2] for one in told]
    assert codes[0] == codes[1] != ""
    facts = json.loads(done("org", "show", safe / "organisation-live.key", "--json"))
    assert (facts["mode"], facts["passphrase"]) == ("live", True)
    assert len(facts["compare"]) == 24


def test_repass_changes_the_passphrase_and_not_the_key(safe: Path, secret: Path, tmp_path: Path) -> None:
    """The old one opens it no more; what it signed stays its own."""
    key = safe / "organisation-live.key"
    before = read_key(key, "live", lambda: PASSPHRASE)
    new = _passphrase(tmp_path / "new", "another passphrase, as long")
    done("org", "repass", key, "--passphrase-file", secret, "--new-passphrase-file", new)
    assert read_key(key, "live", lambda: "another passphrase, as long") == before
    again = tocsin("org", "repass", key, "--passphrase-file", secret, "--new-passphrase-file", new)
    assert again.exit_code == 1
    assert "(wrong-passphrase)" in again.stderr
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert [path.name for path in safe.iterdir() if path.suffix == ".new"] == []


def test_a_key_of_the_first_version_is_read_and_sealed(tmp_path: Path, secret: Path) -> None:
    """Version 0.1.0 wrote the key as it is: it signs, with a warning that names the command to seal it."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    apricot, charter = two[0], drafted(tmp_path, *two)
    key = SigningKey.parse(apricot.key.read_text().splitlines()[-1])
    apricot.key.write_text(f"THE ORGANISATION KEY, for LIVE circles of tocsin\n\n{key.encode_unsafe()}\n")
    result = apricot.tocsin(
        *("circle", "sign", charter, "--organisation-key", apricot.key, "--yes", "-o", apricot.join_file)
    )
    assert result.exit_code == 0
    assert f"tocsin org repass {apricot.key}" in flat(result.stderr)
    done("org", "repass", apricot.key, "--new-passphrase-file", secret)
    assert read_key(apricot.key, "live", lambda: PASSPHRASE) == key


def _drafted(tmp_path: Path, apricot: Desk) -> tuple[Path, Path]:
    """A charter of two, and what apricot's node asks its organisation to sign."""
    charter = drafted(tmp_path, apricot, desk(tmp_path, "birch"))
    draft = tmp_path / "apricot.draft"
    apricot.done("circle", "sign", charter, "--output", draft)
    return charter, draft


def test_a_charter_is_signed_on_a_machine_without_the_node(
    tmp_path: Path, apricot: Desk, safe: Path, secret: Path
) -> None:
    """The node writes a draft, the other machine makes the join file of it, and the node joins with it."""
    birch = desk(tmp_path, "birch")
    charter = drafted(tmp_path, apricot, birch)
    birch.sign(charter)
    draft = tmp_path / "stick" / "apricot.draft"
    draft.parent.mkdir()
    assert "tocsin org sign" in apricot.done("circle", "sign", charter, "--output", draft)
    signing = ("--organisation-key", safe / "organisation-live.key", "--passphrase-file", secret, "--yes")
    told = done("org", "sign", draft, *signing)
    for words in ("Two desks", "2 of the 2 members", load_config(apricot.config).wire.public, "you"):
        assert words in told
    joining = ("circle", "join", charter, draft.with_name("apricot.join"), birch.join_file)
    assert "Joined" in apricot.done(*joining)


def test_a_charter_that_is_drafted_again_is_the_same_draft(tmp_path: Path, apricot: Desk) -> None:
    """A second opening of one log would be a second version of it."""
    charter, draft = _drafted(tmp_path, apricot)
    first = draft.read_bytes()
    apricot.done("circle", "sign", charter, "--output", draft)
    assert draft.read_bytes() == first


def test_signing_twice_gives_the_same_bytes(tmp_path: Path, apricot: Desk, safe: Path, secret: Path) -> None:
    """A join file that was lost on its way is made again."""
    _, draft = _drafted(tmp_path, apricot)
    signing = ("--organisation-key", safe / "organisation-live.key", "--passphrase-file", secret, "--yes")
    done("org", "sign", draft, *signing)
    first = (tmp_path / "apricot.join").read_bytes()
    done("org", "sign", draft, *signing)
    assert (tmp_path / "apricot.join").read_bytes() == first
    assert JoinFile.parse(first).member == "apricot"


def test_one_signed_file_does_not_take_the_place_of_another(
    tmp_path: Path, apricot: Desk, safe: Path, secret: Path
) -> None:
    """In two circles a member may have one name: what would be written as one file is not signed."""
    _, draft = _drafted(tmp_path, apricot)
    again = draft.with_name("again.draft")
    again.write_bytes(draft.read_bytes())
    signing = ("--organisation-key", safe / "organisation-live.key", "--passphrase-file", secret, "--yes")
    assert tocsin("org", "sign", draft, again, *signing).exit_code == 2
    assert not (tmp_path / "apricot.join").exists()


def test_who_does_not_say_yes_has_signed_nothing(tmp_path: Path, apricot: Desk, safe: Path) -> None:
    """What is signed is shown first, and the passphrase asked for last."""
    _, draft = _drafted(tmp_path, apricot)
    key = safe / "organisation-live.key"
    refused = tocsin("org", "sign", draft, "--organisation-key", key, stdin="n\n")
    assert refused.exit_code == 1
    assert "Two desks" in refused.stdout
    assert not (tmp_path / "apricot.join").exists()


def test_a_draft_says_nothing_that_it_does_not_show(tmp_path: Path, apricot: Desk, safe: Path) -> None:
    """A charter that does not found the circle is refused, and so is anything else that is no draft."""
    charter, draft = _drafted(tmp_path, apricot)
    key = safe / "organisation-live.key"
    other = tmp_path / "other.draft"
    for data in (
        draft.read_bytes().replace(b"Two desks", b"One desks"),
        draft.read_bytes().replace(b'"epoch\\":1', b'"epoch\\":2'),
        draft.read_bytes()[:-1],
        b"{}\n",
        b"\xff",
        charter.read_bytes(),
    ):
        other.write_bytes(data)
        result = tocsin("org", "sign", other, "--organisation-key", key, "--yes")
        assert result.exit_code == 1, data
        assert result.stdout == ""
    assert Draft.parse(draft.read_bytes()).encode() == draft.read_bytes()


def test_a_draft_is_of_its_charters(tmp_path: Path, apricot: Desk) -> None:
    """A log of their domain, or a key would vouch for keys of a drill; and each follows the one before."""
    _, draft = _drafted(tmp_path, apricot)
    asked = Draft.parse(draft.read_bytes())
    assert isinstance(asked.record, Opening)
    name = asked.record.log_name
    endpoint = Endpoint(url=asked.record.endpoint, tls_spki_sha256=asked.record.tls_spki_sha256)
    for domain, error in ((name.domain, None), ("drill.example.org", MalformedDraft)):
        keys = MemberKeys.generate(replace(name, domain=domain), SystemChance())
        record = opening_of(keys, endpoint, at_ms=1, tlp="TLP:GREEN")
        if error is None:
            assert Draft(asked.charters, record).record == record
            with pytest.raises(MalformedDraft, match="name the one before"):
                Draft((*asked.charters, asked.charters[0]), record)
        else:
            with pytest.raises(error):
                Draft(asked.charters, record)


def test_another_members_key_signs_no_draft(tmp_path: Path, apricot: Desk) -> None:
    """Neither a member's that the draft is not for, nor a stranger's."""
    _, draft = _drafted(tmp_path, apricot)
    for slug, code in (("birch", "wrong-organisation-key"), ("cedar", "non-member")):
        folder = tmp_path / slug
        if slug == "cedar":
            desk(tmp_path, slug)
        result = tocsin("org", "sign", draft, "--organisation-key", folder / "organisation-live.key", "--yes")
        assert result.exit_code == 1
        assert f"({code})" in result.stderr
        assert result.stdout == ""


@pytest.mark.process
def test_at_a_terminal_the_passphrase_is_asked_for_unseen(tmp_path: Path) -> None:
    """Twice for a new one; what is typed is not shown."""
    terminal, end = pty.openpty()
    with subprocess.Popen(
        [TOCSIN, "org", "keygen", str(tmp_path / "safe")],
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    ) as process:
        os.close(end)
        for _ in range(2):
            _read_until(terminal, b": ")
            os.write(terminal, f"{PASSPHRASE}\n".encode())
        shown = _read_until(terminal, None)
        assert process.wait(_STUCK_S) == 0
    os.close(terminal)
    assert PASSPHRASE.encode() not in shown
    key = read_key(tmp_path / "safe" / "organisation-live.key", "live", lambda: PASSPHRASE)
    assert key.verifying.name == "live"


def _read_until(terminal: int, end: bytes | None) -> bytes:
    """What is shown up to `end`, or to the end of all."""
    shown = b""
    while end is None or not shown.endswith(end):
        try:
            part = os.read(terminal, 1024)
        except OSError:
            break
        if not part:
            break
        shown += part
    return shown
