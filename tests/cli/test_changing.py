import json
import re
from pathlib import Path

import pytest
from tests.cli.desks import DOMAIN, Desk, desk, done, flat, joined, tocsin

from tocsin.core.spelling import written

pytestmark = [pytest.mark.process, pytest.mark.slow]


def eventually(one: Desk, command: str, words: str) -> None:
    """Type the command until its answer has these words."""
    told = ""
    for _ in range(200):
        told = flat(one.tocsin(*command.split()).output)
        if words in told:
            return
    raise AssertionError(words, told)


def signed(text: Path, *desks: Desk) -> list[Path]:
    """What these organisations make of an amendment."""
    files = []
    for one in desks:
        output = one.folder / "signed"
        output.mkdir(exist_ok=True)
        done("org", "sign", text, "--organisation-key", one.key, "--yes", "--output", output)
        files += [path for path in output.iterdir() if path not in files]
    return files


def test_an_amendment_needs_its_quorum_and_reaches_everybody(three: list[Desk], tmp_path: Path) -> None:
    """Drafted, shown, signed where the keys are, and applied at one node: all have it."""
    apricot, birch, cedar = three
    text = tmp_path / "amendment.toml"
    told = apricot.done("circle", "amend", "draft", "--handling", "TLP:GREEN", "--output", text)
    assert "the highest marking of a record is another" in told
    shown = apricot.done("circle", "amend", "show", text)
    assert "It does not count yet." in shown
    alone = signed(text, apricot)
    refused = apricot.tocsin("circle", "amend", "apply", *alone, "--yes")
    assert refused.exit_code == 1
    assert "(charter-signatures)" in refused.stderr
    files = [*alone, *signed(text, birch)]
    assert "version 2" in apricot.done("circle", "amend", "apply", *files, "--yes")
    for one in (birch, cedar):
        eventually(one, "status --json", '"handling":"TLP:GREEN"')
    (shown_now,) = json.loads(cedar.done("circle", "show", "--json"))
    assert (shown_now["version"], shown_now["charter"]["handling"]) == (2, "TLP:GREEN")
    assert "version 2" in flat(cedar.done("circle", "show"))


def test_what_widens_is_signed_by_all(three: list[Desk], tmp_path: Path) -> None:
    """A quorum is not enough where more is asked of everybody."""
    apricot, birch, cedar = three
    text = tmp_path / "amendment.toml"
    apricot.done("circle", "amend", "draft", "--handling", "TLP:RED", "--output", text)
    files = signed(text, apricot, birch)
    refused = apricot.tocsin("circle", "amend", "apply", *files, "--yes")
    assert "(widening-unsigned)" in refused.stderr
    apricot.done("circle", "amend", "apply", *files, *signed(text, cedar), "--yes")
    eventually(cedar, "status --json", '"handling":"TLP:RED"')


def test_a_stolen_organisation_key_is_replaced(three: list[Desk], tmp_path: Path) -> None:
    """The others vouch for the new one; the old one opens no epoch any more."""
    apricot, birch, cedar = three
    new = Desk("cedar", tmp_path / "new")
    done("org", "keygen", new.folder, "--no-passphrase")
    cedar.done(
        *("circle", "introduce", "--domain", DOMAIN, "--member", "cedar", "--label", cedar.label),
        *("--economy", "KR", "--public-key", new.folder / "organisation-live.pub", "-o", new.member_file),
    )
    text = tmp_path / "amendment.toml"
    told = apricot.done("circle", "amend", "draft", new.member_file, "--output", text)
    assert "cedar has another organisation key" in told
    apricot.done("circle", "amend", "apply", *signed(text, apricot, birch, new), "--yes")
    eventually(cedar, "circle amend show " + str(text), "This is in force.")
    draft = tmp_path / "cedar-epoch-2.draft"
    cedar.done("epoch", "draft", "--yes", "-o", draft)
    assert done_with(draft, cedar.key) == 1
    assert done_with(draft, new.key) == 0
    cedar.done("epoch", "adopt", draft.with_suffix(".signed"))
    eventually(apricot, "epoch list", "cedar 2")


def test_in_a_circle_of_two_the_replaced_key_signs_too(tmp_path: Path) -> None:
    """It is one of the quorum; what it signs is named apart from what the new key signs."""
    apricot, birch = desk(tmp_path / "two", "apricot"), desk(tmp_path / "two", "birch")
    joined(tmp_path / "two", apricot, birch)
    new = Desk("birch", tmp_path / "new")
    done("org", "keygen", new.folder, "--no-passphrase")
    birch.done(
        *("circle", "introduce", "--domain", DOMAIN, "--member", "birch", "--label", birch.label),
        *("--economy", "KR", "--public-key", new.folder / "organisation-live.pub", "-o", new.member_file),
    )
    text = tmp_path / "amendment.toml"
    old = ("--organisation-key", birch.key, "--yes")
    with apricot.running(), birch.running():
        apricot.done("circle", "amend", "draft", new.member_file, "--output", text)
        files = signed(text, apricot, new)
        refused = apricot.tocsin("circle", "amend", "apply", *files, "--yes")
        assert "(charter-signatures)" in refused.stderr
        assert "--old-key-of" in flat(tocsin("org", "sign", text, *old).stderr)
        done("org", "sign", text, *old, "--old-key-of", "birch", "--output", tmp_path)
        files.append(tmp_path / "birch-version-2-old-key.signed")
        apricot.done("circle", "amend", "apply", *files, "--yes")
        eventually(birch, "circle amend show " + str(text), "This is in force.")


def test_only_the_key_that_an_amendment_replaces_is_old(three: list[Desk], tmp_path: Path) -> None:
    """Not a key that it lists, nor one for a draft, nor of somebody whom it does not have."""
    apricot, birch, _ = three
    done("org", "keygen", tmp_path / "stranger", "--no-passphrase")
    strange = tmp_path / "stranger" / "organisation-live.key"
    text, draft = tmp_path / "amendment.toml", tmp_path / "apricot-epoch-2.draft"
    apricot.done("circle", "amend", "draft", "--quorum", "3", "--output", text)
    apricot.done("epoch", "draft", "--yes", "-o", draft)
    for path, key, slug, code in (
        (text, apricot.key, "apricot", "wrong-organisation-key"),
        (text, birch.key, "apricot", "wrong-organisation-key"),
        (text, strange, "nobody", "non-member"),
        (draft, apricot.key, "apricot", "Usage"),
    ):
        refused = tocsin("org", "sign", path, "--organisation-key", key, "--yes", "--old-key-of", slug)
        assert refused.exit_code != 0
        assert code in refused.stderr


def done_with(draft: Path, key: Path) -> int:
    """How signing with that key ends."""
    return tocsin("org", "sign", draft, "--organisation-key", key, "--yes").exit_code


def test_another_organisation_joins(three: list[Desk], tmp_path: Path) -> None:
    """With a sponsor, as an observer; it signs the amendment with its keys, and then takes the circle."""
    apricot, birch, cedar = three
    apricot.done("note", "Before dune.", "--wait", "5")
    dune = desk(tmp_path, "dune")
    dune.introduce()
    text, file = tmp_path / "amendment.toml", tmp_path / "line.circle"
    joining = ("circle", "amend", "draft", dune.member_file, "--observer", "dune", "--output", text)
    assert "dune joins as an observer" in apricot.done(*joining)
    apricot.done("circle", "export", file)
    dune.done("circle", "sign", text, "--of", file, "--output", tmp_path / "dune.draft")
    done("org", "sign", tmp_path / "dune.draft", "--organisation-key", dune.key, "--yes")
    files = [*signed(text, apricot, birch), tmp_path / "dune.join"]
    assert "tocsin circle export" in apricot.done("circle", "amend", "apply", *files, "--yes")
    apricot.done("circle", "export", file)
    assert dune.tocsin("circle", "join", file).exit_code == 4
    with dune.running():
        dune.done("circle", "join", file)
        said = flat(apricot.done("note", "Welcome.", "--wait", "10"))
        assert "confirmed by dune" in said
        newest = dune.done("records")
        assert "Welcome." in newest
        assert "Before dune." not in newest
        eventually(cedar, "epoch list", "dune 1")


def test_leaving_shows_what_stays_and_takes_effect_everywhere(three: list[Desk], tmp_path: Path) -> None:
    """Nobody has to agree; what was written stays with everybody, and nothing more comes."""
    apricot, birch, cedar = three
    cedar.done("note", "Stays.", "--wait", "5")
    refused = cedar.tocsin("circle", "leave", stdin="n\n")
    assert refused.exit_code == 1
    assert "birch keeps" in flat(refused.stderr)
    cedar.done("note", "Still here.", "--wait", "5")
    draft = tmp_path / "cedar-leaving.draft"
    cedar.done("circle", "leave", "--yes", "-o", draft)
    assert cedar.tocsin("note", "Not any more.").exit_code == 1
    cedar.done("circle", "leave", "--cancel")
    cedar.done("note", "After all.", "--wait", "5")
    cedar.done("circle", "leave", "--yes", "--reason", "Our mandate has ended.", "-o", draft)
    told = done("org", "sign", draft, "--organisation-key", cedar.key, "--yes")
    assert "LEAVE" in told
    assert "Our mandate has ended." in told
    assert "You have left" in cedar.done(
        "circle", "leave", "--signed", tmp_path / "cedar-leaving.signed", "--yes"
    )
    for one in (apricot, birch):
        eventually(one, "epoch list", "cedar 1")
        eventually(one, "records --member cedar --epoch 1", "After all.")
        eventually(one, "epoch list --json", '"state":"ended"')
    assert "no member of this circle any more" in flat(cedar.done("status"))


def test_who_has_left_may_purge_what_the_others_said(three: list[Desk], tmp_path: Path) -> None:
    """What stays and what goes is shown in numbers; then it is gone, and it is known who ordered it."""
    apricot, _, cedar = three
    apricot.done("note", "Known to all.", "--wait", "5")
    order = ("--purge", "--ordered-by", "Data protection officer")
    refused = cedar.tocsin("circle", "leave", *order, "--yes")
    assert "(still-member)" in refused.stderr
    draft = tmp_path / "cedar-leaving.draft"
    cedar.done("circle", "leave", "--yes", "-o", draft)
    done("org", "sign", draft, "--organisation-key", cedar.key, "--yes")
    signed_file = tmp_path / "cedar-leaving.signed"
    assert cedar.tocsin("circle", "leave", "--signed", signed_file, "--purge").exit_code == 2
    cedar.done("circle", "leave", "--signed", signed_file, "--yes")
    assert "Known to all." in cedar.done("records", "--member", "apricot")
    asked = cedar.tocsin("circle", "leave", *order, stdin="n\n")
    assert asked.exit_code == 1
    assert re.search(r"apricot +\d+ records are purged here", flat(asked.stderr))
    purged = json.loads(cedar.done("circle", "leave", *order, "--yes", "--json"))["purged"]
    assert purged["gone"]
    assert purged["purge"]["ordered_by"] == "Data protection officer"
    assert purged["purge"]["done"]
    assert {log["records"] for log in purged["logs"]} == {0}
    assert "Known to all." not in cedar.done("records", "--member", "apricot")
    assert b"Known to all." not in b"".join(
        path.read_bytes() for path in cedar.folder.rglob("*.db*") if path.is_file()
    )


def test_a_member_is_suspended_by_one_alone(three: list[Desk]) -> None:
    """It hears nothing of that one, and learns why; with the others all goes on."""
    apricot, birch, cedar = three
    apricot.done("circle", "suspend", "cedar", "--reason", "We call them.")
    said = flat(apricot.done("note", "Not for cedar.", "--wait", "2"))
    assert "confirmed by birch" in said
    assert "We call them." in flat(apricot.done("status"))
    apricot.done("circle", "resume", "cedar")
    assert "confirmed by cedar" in flat(apricot.done("note", "For all.", "--wait", "10"))
    assert apricot.tocsin("circle", "suspend", "apricot", "--reason", "x").exit_code == 1
    del birch, cedar


def test_to_expel_takes_a_notice_time_and_a_quorum(three: list[Desk], tmp_path: Path) -> None:
    """The member can reply; its own signature does not count; then it hears nothing more."""
    apricot, birch, cedar = three
    told = apricot.done("circle", "expel", "cedar", "--reason", "Two versions.", "--reply-within-hours", "1")
    number = told.split("no. ")[1].split(" ")[0]
    eventually(cedar, "records", "notice to cedar")
    cedar.done("circle", "reply", "apricot", number, "It was a backup.")
    eventually(apricot, "records", "It was a backup.")
    text = tmp_path / "amendment.toml"
    apricot.done("circle", "expel", "cedar", "--reason", "Two versions.", "--notice", number, "-o", text)
    apricot.done("circle", "amend", "apply", *signed(text, apricot, birch), "--yes")
    eventually(birch, "epoch list --json", '"state":"ended"')
    assert "cedar" not in flat(birch.done("status"))


def test_words_to_compare_are_the_same_on_both_sides(three: list[Desk]) -> None:
    """The note arrives, and both see the same two lines; with another member, others."""
    apricot, birch, cedar = three
    told = apricot.done("circle", "check", "birch")
    assert "Received and confirmed by birch" in told
    code = json.loads(birch.done("circle", "check", "apricot", "--json"))["compare"]
    other = json.loads(cedar.done("circle", "check", "apricot", "--json"))["compare"]
    assert all(line in told for line in written(code))
    assert code != other
    assert apricot.tocsin("circle", "check", "apricot").exit_code == 1
