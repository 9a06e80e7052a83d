import stat
from pathlib import Path

import pytest
from tests.cli.desks import done, flat, tocsin

from tocsin.cli.organisation.keyfile import in_circle, read_key, read_public
from tocsin.core.errors import MalformedKey, Refusal
from tocsin.node.config import load_config
from tocsin.node.errors import KeysMissing, UnsafeFile
from tocsin.node.papers.organisation import public_in_circle

INIT = ("init", "--no-passphrase")


def _bare() -> str:
    raise AssertionError("a key without a passphrase asks for none")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_a_node_that_others_cannot_read(tmp_path: Path) -> None:
    """The data folder and the organisation key are for their owner alone, and apart from each other."""
    told = done(*INIT, tmp_path / "apricot")
    folder = tmp_path / "apricot"
    assert _mode(folder / "data") == 0o700
    assert _mode(folder / "organisation-live.key") == 0o600
    assert not list((folder / "data").rglob("organisation*"))
    assert "Take the organisation key offline now." in told
    assert "tocsin circle introduce" in told


def test_init_writes_a_configuration_that_can_be_used(tmp_path: Path) -> None:
    """What stands in tocsin.toml is what was asked for, quoted so that nothing breaks out of it."""
    name = 'Desk "of" ]\\ 한국 \''
    done(*INIT, tmp_path, "--endpoint", "https://tocsin.apricot.example:8443", "--desk", name)
    config = load_config(tmp_path / "tocsin.toml")
    assert config.wire.public == "https://tocsin.apricot.example:8443"
    assert config.wire.listen == "0.0.0.0:8443"
    assert config.desk.name == name


def test_a_node_for_trying_things_is_reached_by_its_own_machine_alone(tmp_path: Path) -> None:
    """Without an endpoint the node listens on loopback, and init says what follows from that."""
    assert "Only this machine" in done(*INIT, tmp_path)
    assert load_config(tmp_path / "tocsin.toml").wire.address.loopback


@pytest.mark.parametrize(
    "endpoint", ["apricot.example:8440", "https://apricot.example", "https://a:99999", "x"]
)
def test_an_endpoint_that_nobody_could_reach_is_refused(tmp_path: Path, endpoint: str) -> None:
    """Then nothing is made."""
    result = tocsin(*INIT, tmp_path / "apricot", "--endpoint", endpoint)
    assert result.exit_code == 3
    assert "malformed-config" in result.stderr
    assert not (tmp_path / "apricot").exists()


def test_there_is_one_organisation_key_for_each_mode(tmp_path: Path) -> None:
    """A second init makes the drills' key beside the live one, and refuses to make either of them again."""
    done(*INIT, tmp_path)
    before = (tmp_path / "tocsin.toml").read_text()
    live = (tmp_path / "organisation-live.key").read_text()
    done(*INIT, tmp_path, "--drill")
    assert read_key(tmp_path / "organisation-drill.key", "drill", _bare).verifying.name == "drill"
    for again in ([], ["--drill"]):
        assert tocsin(*INIT, tmp_path, *again).exit_code == 3
    assert (tmp_path / "organisation-live.key").read_text() == live
    assert (tmp_path / "tocsin.toml").read_text() == before


def test_a_key_that_lies_in_a_safe_is_not_made_a_second_time(tmp_path: Path) -> None:
    """That its public half is here says that there is one, wherever its secret half is."""
    done(*INIT, tmp_path)
    (tmp_path / "organisation-live.key").rename(tmp_path / "in-a-safe.key")
    result = tocsin(*INIT, tmp_path)
    assert result.exit_code == 3
    assert "one is for all live circles" in flat(result.stderr)


def test_a_second_node_takes_the_key_that_there_is(tmp_path: Path) -> None:
    """An organisation that has a key gives it to init, and gets the same public half."""
    done(*INIT, tmp_path / "one")
    key = tmp_path / "one" / "organisation-live.key"
    done(*INIT, tmp_path / "two", "--organisation-key", key)
    halves = [read_public(tmp_path / name / "organisation-live.pub", "live") for name in ("one", "two")]
    assert halves[0] == halves[1] == read_key(key, "live", _bare).verifying
    assert tocsin(*INIT, tmp_path / "three", "--drill", "--organisation-key", key).exit_code == 1


def test_init_warns_loudly_of_a_key_among_the_data(tmp_path: Path) -> None:
    """Who asks for the organisation key in the data folder gets it there, and is told what that means."""
    done(*INIT, tmp_path)
    result = tocsin(*INIT, tmp_path, "--drill", "--organisation-key", tmp_path / "data" / "mine.key")
    assert result.exit_code == 0
    assert "WARNING" in result.stderr
    assert "sign in your organisation's name" in flat(result.stderr)


def test_a_key_has_the_circles_name_in_a_circle(tmp_path: Path) -> None:
    """One key serves all circles of its mode, under the name that each circle gives it."""
    done(*INIT, tmp_path)
    secret = in_circle(read_key(tmp_path / "organisation-live.key", "live", _bare), "line.example", "apricot")
    public = public_in_circle(
        read_public(tmp_path / "organisation-live.pub", "live"), "line.example", "apricot"
    )
    assert secret.verifying == public
    assert public.name == "line.example/apricot"
    assert public.verify(b"text", secret.sign(b"text"))


def test_a_key_file_tells_people_what_it_is(tmp_path: Path) -> None:
    """Whoever finds the file in ten years reads what it is for, and what not to do with it."""
    done(*INIT, tmp_path)
    text = (tmp_path / "organisation-live.key").read_text()
    assert "LIVE" in text
    assert "Keep it in a safe" in text


def test_keys_of_the_other_mode_are_refused(tmp_path: Path) -> None:
    """Neither half of a drill's key serves a live circle, nor the reverse."""
    done(*INIT, tmp_path)
    done(*INIT, tmp_path, "--drill")
    for mode, other in (("live", "drill"), ("drill", "live")):
        with pytest.raises(Refusal, match="for the other kind"):
            read_key(tmp_path / f"organisation-{mode}.key", "drill" if other == "drill" else "live", _bare)
        with pytest.raises(Refusal, match="for the other kind"):
            read_public(tmp_path / f"organisation-{mode}.pub", "drill" if other == "drill" else "live")


def test_a_damaged_or_foreign_key_is_refused(tmp_path: Path) -> None:
    """A letter that fell over on a medium in a safe is noticed, and so is a key of something else."""
    done(*INIT, tmp_path)
    key = tmp_path / "organisation-live.key"
    text = key.read_text()
    key.write_text(text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:])
    with pytest.raises(MalformedKey):
        read_key(key, "live", _bare)
    key.write_text(text.replace("+live+", "+line.example/apricot+"))
    with pytest.raises(MalformedKey):
        read_key(key, "live", _bare)
    key.write_text("")
    with pytest.raises(MalformedKey):
        read_key(key, "live", _bare)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """It may be known already; and one that is not there is not made up."""
    done(*INIT, tmp_path)
    key = tmp_path / "organisation-live.key"
    key.chmod(0o644)
    with pytest.raises(UnsafeFile):
        read_key(key, "live", _bare)
    key.unlink()
    with pytest.raises(KeysMissing):
        read_key(key, "live", _bare)
