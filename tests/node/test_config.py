from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from tocsin.node.config import MAX_CONFIG_BYTES, Config, load_config, parse_config
from tocsin.node.errors import MalformedConfig

FOLDER = Path("/etc/tocsin")
MAIL = """
[[alerts]]
kind = "email"
name = "mail"
server = "mail.example.org:587"
sender = "tocsin@example.org"
recipients = ["duty@example.org"]
"""
DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"
CONSOLE = """
[console]
listen = "127.0.0.1:8442"
public = "https://console.example.org"
tls_cert = "console.crt"
tls_key = "console.key"
"""
LEAST = """
data_folder = "data"
[wire]
listen = "192.0.2.1:8440"
public = "https://tocsin.example.org:8440"
[desk]
name = "Duty desk"
"""


def changed(old: str, new: str) -> str:
    """The least configuration with one thing changed."""
    assert old in LEAST
    return LEAST.replace(old, new)


def test_the_least_that_must_be_said() -> None:
    """Where data lie, where to be reached and who is on duty is enough; paths are from the file's folder."""
    config = parse_config(LEAST, FOLDER)

    assert config.data_folder == FOLDER / "data"
    assert config.api_socket == FOLDER / "data" / "api.sock"
    assert config.wire.address == ("192.0.2.1", 8440)
    assert config.wire.tls


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Expected data_folder, found nothing."),
        ("a =", "Expected TOML, found an error: Invalid value (at end of document)."),
        (changed("[wire]", "[wires]"), "Expected wire, found 'wires', which is no setting."),
        (changed("listen", "lisen"), "Expected wire.listen, found 'wire.lisen', which is no setting."),
        (
            changed("listen", "xy"),
            (
                "Expected wire.listen or wire.public or wire.unsafe_loopback, found 'wire.xy', "
                "which is no setting."
            ),
        ),
        (changed('"192.0.2.1:8440"', "8440"), "In wire.listen: Expected str, got int."),
        (
            changed("192.0.2.1:8440", "localhost:8440"),
            "In wire: Expected an IP address and a port, such as 127.0.0.1:8440, found 'localhost:8440'.",
        ),
        (
            changed("192.0.2.1:8440", "192.0.2.1:65536"),
            "In wire: Expected an IP address and a port, such as 127.0.0.1:8440, found '192.0.2.1:65536'.",
        ),
        (
            changed("https://tocsin.example.org:8440", "https://tocsin.example.org"),
            "In wire: Expected public to be https://host:port, found 'https://tocsin.example.org'.",
        ),
        (
            changed("https://tocsin.example.org:8440", "http://127.0.0.1:8440"),
            "In wire: public without TLS needs unsafe_loopback and a loopback listen.",
        ),
        (changed('name = "Duty desk"', ""), "Expected desk.name, found nothing."),
        (
            LEAST + "officers = ['x']\n",
            "In desk: Expected officers to be vkeys. Expected <name>+<8 lowercase hex digits>+<base64>.",
        ),
        (LEAST + "[log]\nlevel = 'loud'\n", "In log.level: Invalid enum value 'loud'."),
        (LEAST + "[api]\nsocket = 3\n", "In api.socket: Expected a path in quotes, found 3."),
        (
            LEAST + "[api]\nlisten = '192.0.2.1:8441'\ntoken_file = 't'\n",
            "In api: Expected listen to be a loopback address, found '192.0.2.1:8441'.",
        ),
        (LEAST + "[api]\nlisten = '127.0.0.1:8441'\n", "In api: listen and token_file need each other."),
        ("data_folder = 'x'\nwire = 3\n", "In wire: Expected a table, got int."),
        (
            LEAST + MAIL + "recipient = 'x'\n",
            "Expected alerts[0].recipients, found 'alerts[0].recipient', which is no setting.",
        ),
        (
            LEAST + MAIL.replace('"mail"', '"Mail"'),
            "In alerts[0].name: Expected str matching regex '^[a-z0-9-]{1,32}\\\\Z'.",
        ),
        (LEAST + MAIL + MAIL, "Expected each of alerts to have a name of its own, found 'mail' twice."),
        (LEAST + MAIL.replace('"email"', '"fax"'), "In alerts[0].kind: Invalid value 'fax'."),
        (LEAST + MAIL + "user = 'x'\n", "In alerts[0]: user and password_file need each other."),
        (LEAST + "[[alerts]]\n", "Expected alerts[0].kind, found nothing."),
        (LEAST + "[duty]\nagain_percent = 0\n", "In duty.again_percent: Expected int >= 1."),
        (
            LEAST + CONSOLE + "idle = 3\n",
            "Expected console.idle_hours, found 'console.idle', which is no setting.",
        ),
        (
            LEAST + CONSOLE.replace("127.0.0.1:8442", "8442"),
            "In console: Expected an IP address and a port, such as 127.0.0.1:8440, found '8442'.",
        ),
        (
            LEAST + CONSOLE.replace('tls_key = "console.key"', ""),
            "In console: tls_cert and tls_key need each other.",
        ),
        (
            LEAST + CONSOLE + "idle_hours = 3\nsession_hours = 2\n",
            "In console: Expected idle_hours to be at most session_hours.",
        ),
        *[
            (text, "Expected at most 65536 bytes in lines of at most 8192, found more.")
            for text in (LEAST + "#" * 8_193, LEAST + "#\n" * 32_768)
        ],
    ],
)
def test_an_error_says_what_was_expected_and_what_was_found(text: str, error: str) -> None:
    """Whatever is wrong with a configuration is named by its full name, with what should stand there."""
    with pytest.raises(MalformedConfig) as caught:
        parse_config(text, FOLDER)

    assert str(caught.value) == error


@pytest.mark.parametrize("text", ["x = " + "9" * 5_000, "x = {" * 1_500, "x = " + "[" * 5_000])
def test_what_is_too_much_for_the_parser(text: str) -> None:
    """A number of any length and tables of any depth are errors like any other."""
    with pytest.raises(MalformedConfig, match=r"^Expected TOML, found an error: "):
        parse_config(text, FOLDER)


def test_without_tls_only_on_loopback_and_by_name() -> None:
    """A node without TLS listens on loopback alone, and its operator has to call that unsafe."""
    text = changed("https://tocsin.example.org:8440", "http://127.0.0.1:8440")
    unsafe = text.replace("[desk]", "unsafe_loopback = true\n[desk]")
    with pytest.raises(MalformedConfig):
        parse_config(unsafe, FOLDER)

    config = parse_config(unsafe.replace("192.0.2.1", "127.0.0.1"), FOLDER)

    assert not config.wire.tls


def test_a_console_has_an_origin() -> None:
    """A console is known by what browsers send as its origin; only a domain name is one for passkeys."""
    settings = [
        parse_config(LEAST + CONSOLE.replace("console.example.org", host), FOLDER).console
        for host in ("console.example.org", "console.example.org:443", "192.0.2.1:8443", "[2001:db8::1]")
    ]

    assert [(one.origin, one.domain) for one in settings if one] == [
        ("https://console.example.org", "console.example.org"),
        ("https://console.example.org", "console.example.org"),
        ("https://192.0.2.1:8443", None),
        ("https://[2001:db8::1]", None),
    ]
    assert parse_config(LEAST, FOLDER).console is None


@pytest.mark.parametrize(
    "host",
    [
        "",
        "Console.example.org",
        "a..b",
        "-a",
        "a.1",
        "1.2.3",
        "01.2.3.4",
        "a/",
        "a:0",
        "a:65536",
        "a@b",
        "a?b",
        "[::1",
        "[2001:DB8::1]",
        "[0::1]",
        "[127.0.0.1]",
        "::1",
        "köln.example",
        "a:443:443",
        "x" * 64,
        "a\\n",
    ],
)
def test_what_no_browser_sends_is_no_console(host: str) -> None:
    """A URL that a browser would write otherwise is refused: nobody could sign in there."""
    with pytest.raises(MalformedConfig, match="In console: Expected public to be https://host"):
        parse_config(LEAST + CONSOLE.replace("console.example.org", host), FOLDER)


@pytest.mark.parametrize(
    ("public", "listen", "unsafe", "taken"),
    [
        ("http://localhost:8442", "127.0.0.1:8442", True, True),
        ("http://birch.localhost:8442", "127.0.0.1:8442", True, True),
        ("http://127.0.0.1:8442", "127.0.0.1:8442", True, True),
        ("http://notlocalhost:8442", "127.0.0.1:8442", True, False),
        ("http://[::1]:8442", "[::1]:8442", True, True),
        ("http://localhost:8442", "127.0.0.1:8442", False, False),
        ("http://localhost:8442", "192.0.2.1:8442", True, False),
        ("http://console.example.org", "127.0.0.1:8442", True, False),
        ("https://console.example.org", "127.0.0.1:8442", True, False),
    ],
)
def test_a_console_without_tls(public: str, listen: str, unsafe: bool, taken: bool) -> None:
    """A console without TLS is on loopback, as people type it and as it listens, and called unsafe."""
    settings = f'public = "{public}"\nlisten = "{listen}"\nunsafe_loopback = {str(unsafe).lower()}\n'
    text = f"{LEAST}[console]\n{settings}"

    if taken:
        assert parse_config(text, FOLDER).console
    else:
        with pytest.raises(MalformedConfig, match="In console: "):
            parse_config(text, FOLDER)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is an error that says what to do."""
    with pytest.raises(
        MalformedConfig, match=r"Next: name yours with --config; a new node begins with `tocsin init`\."
    ):
        load_config(tmp_path / "tocsin.toml")


def test_a_file_names_itself_in_its_errors(tmp_path: Path) -> None:
    """An error in a file starts with the file's path."""
    path = tmp_path / "tocsin.toml"
    path.write_text(LEAST + "colour = 'red'")

    with pytest.raises(MalformedConfig, match=f"^{path}: Expected desk"):
        load_config(path)


def settings(kind: type[msgspec.Struct], prefix: str = "") -> list[str]:
    """The full names of all settings; those of several tables under one name are all of theirs."""
    tag = kind.__struct_config__.tag_field
    names = [f"{prefix}{tag}"] if tag else []
    for field in msgspec.structs.fields(kind):
        tables = list(structs_in(field.type))
        for table in tables:
            names += settings(table, f"{prefix}{field.name}.")
        if not tables:
            names.append(f"{prefix}{field.name}")
    return names


def structs_in(kind: object) -> Iterator[type[msgspec.Struct]]:
    """The tables that a setting is, or has."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for inner in get_args(kind):
        yield from structs_in(inner)


def test_every_setting_is_in_the_docs() -> None:
    """docs/configuration.md has every setting under its full name, and none that is not there."""
    named = {line.split("`")[1] for line in DOCS.read_text().splitlines() if line.startswith("| `")}

    assert named == set(settings(Config))


def test_the_examples_in_the_docs_work() -> None:
    """The configuration that docs/configuration.md shows is one, also with what it shows later."""
    first, *later = [block.split("```")[0] for block in DOCS.read_text().split("```toml\n")[1:]]

    assert parse_config(first, FOLDER).desk.name
    for more in later:
        parse_config(f"{first}\n{more}", FOLDER)


def test_an_enormous_configuration_is_not_read(tmp_path: Path) -> None:
    """A file of a terabyte, named by mistake, is refused before it is in memory."""
    path = tmp_path / "tocsin.toml"
    with path.open("wb") as file:
        file.truncate(10**12)
    with pytest.raises(MalformedConfig, match=f"at most {MAX_CONFIG_BYTES} bytes"):
        load_config(path)
