import json
from pathlib import Path

import pytest
from tests.cli.desks import Desk, desk, done, drafted, flat, joined, tocsin

from tocsin.circles.founding.charter import circle_id, parse_charter
from tocsin.circles.founding.joinfile import JoinFile

HOSTILE = "Apricot\x1b[31m"


@pytest.fixture
def two(tmp_path: Path) -> tuple[Desk, Desk]:
    """Two organisations that do not know each other yet."""
    return desk(tmp_path, "apricot"), desk(tmp_path, "birch", "자작나무 데스크")


def test_introducing_needs_no_secret(two: tuple[Desk, Desk]) -> None:
    """The organisation key may be in its safe already: its public half is enough."""
    apricot, _ = two
    apricot.key.unlink()
    apricot.introduce()
    assert 'organisation_key = "line.example/apricot+' in apricot.member_file.read_text()


@pytest.mark.parametrize(
    ("option", "value"),
    [("--member", "Apricot!"), ("--label", HOSTILE), ("--economy", "K"), ("--domain", "A_b")],
)
def test_what_no_charter_could_hold_is_refused_at_once(
    two: tuple[Desk, Desk], option: str, value: str
) -> None:
    """A name that breaks its rule is refused where it is typed, not when the charter is drafted."""
    given = {"--domain": "line.example", "--member": "apricot", "--label": "Apricot", "--economy": "KR"}
    result = two[0].tocsin(
        "circle", "introduce", *(part for pair in (given | {option: value}).items() for part in pair)
    )
    assert result.exit_code == 1
    assert "\x1b[31m" not in result.stderr


def test_a_draft_is_a_charter_in_words_for_people(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """The text is a valid charter, and what it says is shown."""
    for one in two:
        one.introduce()
    files = [one.member_file for one in two]
    arguments: tuple[str | Path, ...] = (
        "circle",
        "draft",
        *files,
        "--title",
        "Two desks",
        "--purpose",
        "To warn each other.",
    )
    told = done(*arguments, "--handling", "TLP:GREEN", "--output", tmp_path / "charter.toml")
    charter = parse_charter((tmp_path / "charter.toml").read_text())
    assert [member.slug for member in charter.members] == ["apricot", "birch"]
    assert (charter.domain, charter.handling, charter.quorum) == ("line.example", "TLP:GREEN", 2)
    assert "live: what is said in it is meant" in told
    assert "자작나무 데스크" in told
    parse_charter(done(*arguments))


def test_a_circle_may_take_the_place_of_another(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Where too many of its members are gone: the new charter names the old circle."""
    for one in two:
        one.introduce()
    files = [one.member_file for one in two]
    words = ("--title", "Two desks", "--purpose", "To go on.", "--continues", "ab" * 32)
    told = done("circle", "draft", *files, *words, "--output", tmp_path / "charter.toml")
    assert parse_charter((tmp_path / "charter.toml").read_text()).continues == "ab" * 32
    assert f"in place of {'ab' * 32}" in flat(told)


def test_keys_of_two_domains_make_no_charter(two: tuple[Desk, Desk]) -> None:
    """Everybody has to introduce themselves under one domain; the error says who used which."""
    apricot, birch = two
    apricot.introduce()
    birch.introduce("other.example")
    result = tocsin(
        "circle", "draft", apricot.member_file, birch.member_file, "--title", "x", "--purpose", "y"
    )
    assert result.exit_code == 1
    assert "line.example (apricot), other.example (birch)" in flat(result.stderr)


@pytest.mark.parametrize(
    "content", ["", "x = 1", "[[members]]\nslug = 1", "\udc80", "[" * 5_000, "members = []"]
)
def test_what_is_no_members_file_is_refused(tmp_path: Path, content: str) -> None:
    """A file of somebody else's making ends in a refusal, whatever is in it."""
    file = tmp_path / "hostile.toml"
    file.write_bytes(content.encode(errors="surrogateescape"))
    result = tocsin("circle", "draft", file, "--title", "x", "--purpose", "y")
    assert (result.exit_code, result.stdout) == (1, "")


def test_signing_shows_what_is_signed_and_asks(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Who does not say yes has signed nothing: no keys, no join file."""
    apricot, _ = two
    charter = drafted(tmp_path, *two)
    output = tmp_path / "a.join"
    arguments = ("circle", "sign", charter, "--organisation-key", apricot.key, "--output", output)
    refused = apricot.tocsin(*arguments, stdin="n\n")
    assert refused.exit_code == 1
    for said in (
        "Two desks",
        "To warn each other.",
        "TLP:AMBER",
        "2 of the 2 members",
        "instructs another",
        "you",
    ):
        assert said in refused.stdout
    assert not output.exists()
    assert not list((apricot.data / "keys").iterdir())
    signed = apricot.tocsin(*arguments, stdin="y\n")
    assert signed.exit_code == 0
    assert JoinFile.parse(output.read_bytes()).member == "apricot"


def test_signing_again_gives_the_same_join_file(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """A second opening would be a second version of the log: whoever lost the file gets the same one."""
    apricot, _ = two
    charter = drafted(tmp_path, *two)
    apricot.sign(charter)
    first = apricot.join_file.read_bytes()
    apricot.join_file.unlink()
    assert "Signed before" in apricot.done(
        *("circle", "sign", charter, "--organisation-key", apricot.key, "--yes"), *("-o", apricot.join_file)
    )
    assert apricot.join_file.read_bytes() == first


def test_a_signing_that_was_broken_off_is_taken_up_again(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """Keys that were made before the join file was written are used, not made again."""
    apricot, _ = two
    charter = drafted(tmp_path, *two)
    apricot.sign(charter)
    circle = circle_id(charter.read_text())
    before = (apricot.data / "keys" / circle / "1" / "log.key").read_text()
    (apricot.data / "founding" / circle / "apricot.join").unlink()
    apricot.sign(charter)
    assert (apricot.data / "keys" / circle / "1" / "log.key").read_text() == before


def test_an_address_that_nobody_could_reach_is_not_signed(two: tuple[Desk, Desk], tmp_path: Path) -> None:
    """It would stand in the join file for ever."""
    charter = drafted(tmp_path, *two)
    arguments = ("circle", "sign", charter, "--organisation-key", two[0].key, "--yes")
    result = two[0].tocsin(*arguments, "--endpoint", "apricot:8440")
    assert (result.exit_code, result.stdout) == (3, "")
    assert not list((two[0].data / "keys").iterdir())


@pytest.mark.parametrize(("domain", "key"), [("drill.line.example", "live"), ("line.example", "drill")])
def test_a_charter_of_the_other_mode_is_not_signed(tmp_path: Path, domain: str, key: str) -> None:
    """A live key never signs a drill, nor the reverse, and nothing is shown for signing."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    for one in two:
        done("init", one.folder, "--drill", "--no-passphrase")
    charter = drafted(tmp_path, *two, domain=domain)
    arguments = ("circle", "sign", charter, "--organisation-key", two[0].folder / f"organisation-{key}.key")
    result = two[0].tocsin(*arguments, "--yes")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert ("live-at-drill" if key == "live" else "drill-at-live") in result.stderr
    assert "next:" in result.stderr


def test_a_drill_is_founded_with_the_key_for_drills(tmp_path: Path) -> None:
    """And is shown as one."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    for one in two:
        done("init", one.folder, "--drill", "--no-passphrase")
    charter = drafted(tmp_path, *two, domain="drill.line.example")
    key = two[0].folder / "organisation-drill.key"
    told = two[0].done(
        "circle", "sign", charter, "--organisation-key", key, "--yes", "-o", tmp_path / "a.join"
    )
    assert "DRILL: nothing that is said in it is real" in told


def test_only_a_members_key_signs(tmp_path: Path) -> None:
    """The key of an organisation that the charter does not list is refused by name."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    stranger = desk(tmp_path, "cedar")
    charter = drafted(tmp_path, *two)
    result = stranger.tocsin("circle", "sign", charter, "--organisation-key", stranger.key, "--yes")
    assert result.exit_code == 1
    assert "(apricot, birch)" in flat(result.stderr)


def test_join_files_may_come_one_by_one(tmp_path: Path) -> None:
    """What came is kept, and the error names who is missing, until all are there."""
    three = [desk(tmp_path, slug) for slug in ("apricot", "birch", "cedar")]
    charter = drafted(tmp_path, *three)
    for one in three:
        one.sign(charter)
    apricot, birch, cedar = three
    early = apricot.tocsin("circle", "join", charter, birch.join_file)
    assert early.exit_code == 1
    assert "found none of cedar" in flat(early.stderr)
    shown = json.loads(apricot.done("circle", "show", "--json"))
    assert (shown[0]["signed"], shown[0]["founded"]) == (["apricot", "birch"], False)
    assert shown[0]["why_not"]["error"] == "join-file-missing"
    assert "Joined" in apricot.done("circle", "join", charter, cedar.join_file)
    assert json.loads(apricot.done("circle", "show", "--json"))[0]["founded"]
    assert "the circle is founded" in apricot.done("circle", "show", charter)


def test_a_file_that_does_not_fit_is_not_kept(tmp_path: Path) -> None:
    """A join file for another circle, or none at all, is refused and changes nothing."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    charter = drafted(tmp_path, *two)
    for one in two:
        one.sign(charter)
    other = tmp_path / "other"
    other.mkdir()
    joined(other, *(desk(other, slug) for slug in ("birch", "cedar")))
    apricot = two[0]
    for file, code in (
        (other / "birch" / "birch.join", "join-file-elsewhere"),
        (charter, "malformed-join-file"),
    ):
        result = apricot.tocsin("circle", "join", charter, file)
        assert result.exit_code == 1
        assert f"({code})" in result.stderr
    assert json.loads(apricot.done("circle", "show", "--json"))[0]["signed"] == ["apricot"]


def test_a_forged_join_file_is_found_and_can_be_replaced(tmp_path: Path) -> None:
    """A file of the right form with a signature that does not hold founds nothing; the true one then does."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    charter = drafted(tmp_path, *two)
    for one in two:
        one.sign(charter)
    apricot, birch = two
    true = birch.join_file.read_bytes()
    file = JoinFile.parse(true)
    line = file.charter_signature
    forged = JoinFile(
        circle=file.circle,
        member=file.member,
        charter_signature=JoinFile.parse(apricot.join_file.read_bytes()).charter_signature,
        opening=file.opening,
    )
    assert line != forged.charter_signature
    birch.join_file.write_bytes(forged.encode())
    assert apricot.tocsin("circle", "join", charter, birch.join_file).exit_code == 1
    birch.join_file.write_bytes(true)
    assert apricot.tocsin("circle", "join", charter, birch.join_file).exit_code == 0


def test_who_has_not_signed_cannot_join(tmp_path: Path) -> None:
    """The join files of all are not enough: the node needs the keys that its own one names."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    charter = drafted(tmp_path, *two)
    for one in two:
        one.sign(charter)
    stranger = desk(tmp_path, "cedar")
    result = stranger.tocsin("circle", "join", charter, *(one.join_file for one in two))
    assert result.exit_code == 3
    assert "keys-missing" in result.stderr


def test_join_works_while_the_node_does_not_run(tmp_path: Path) -> None:
    """The node is in the circle from its next start; joining twice is refused."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    charter = joined(tmp_path, *two)
    again = two[0].tocsin("circle", "join", charter)
    assert again.exit_code == 1
    assert "already-joined" in again.stderr


def test_show_needs_a_charter(tmp_path: Path) -> None:
    """A node in no circle says so, and what to do."""
    result = desk(tmp_path, "apricot").tocsin("circle", "show")
    assert result.exit_code == 3
    assert "next:" in result.stderr


def test_secrets_of_a_circle_are_for_the_node_alone(tmp_path: Path) -> None:
    """What signing leaves behind is for its owner alone, and the organisation key is not among it."""
    two = [desk(tmp_path, slug) for slug in ("apricot", "birch")]
    two[0].sign(drafted(tmp_path, *two))
    secret = two[0].key.read_text().splitlines()[-1]
    for path in two[0].data.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes()
    assert all(path.stat().st_mode & 0o077 == 0 for path in (two[0].data / "keys").rglob("*.key"))
