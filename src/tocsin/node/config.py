"""What an operator decides about a node: one TOML file, read once (docs/configuration.md has every setting).

- Strict: a key that is not known is an error, which names the closest one that is. So is a value that cannot
  work.
- Nothing comes from the environment. Secrets stand in files of their own; here stand their paths, from this
  file's folder.
- What a circle has agreed on stands in its charter, never here.
"""

import difflib
import ipaddress
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from tocsin.core.errors import MalformedKey, quoted
from tocsin.core.keys import VerifyingKey
from tocsin.core.records.card import Desk
from tocsin.core.records.common import Lang, Url
from tocsin.node.alerting.settings import LABEL, ChannelSettings, DutySettings
from tocsin.node.errors import MalformedConfig
from tocsin.node.observing.settings import ObservingSettings

MAX_CONFIG_BYTES = 65_536
MAX_LINE_BYTES = 8_192

# Where the last label is a number, browsers take all of it for an IPv4 address.
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z)(?:{LABEL}\.)*(?![0-9]+\Z){LABEL}")
_CONSOLE_URL = re.compile(r"https?://(?P<host>[^/:\[\]]+|\[[^/\[\]]+\])(?::(?P<port>[1-9][0-9]{0,4}))?")

_Struct: TypeAlias = type[msgspec.Struct]


class Address(NamedTuple):
    """An IP address and a port to listen on; port 0 takes a free one."""

    host: str
    port: int

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect to it."""
        return ipaddress.ip_address(self.host).is_loopback


class Reached(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where others reach a part of this node: it listens at `listen`, and they say `public`.

    Without TLS only on loopback, and called unsafe.
    """

    listen: str
    public: str
    unsafe_loopback: bool = False

    def __post_init__(self) -> None:
        address = self.address
        if not self.tls and not (self.unsafe_loopback and address.loopback):
            raise ValueError("`public` without TLS needs `unsafe_loopback` and a loopback `listen`")

    @property
    def address(self) -> Address:
        """Where to listen."""
        return parse_address(self.listen)

    @property
    def tls(self) -> bool:
        """Whether connections are TLS."""
        return self.public.startswith("https://")


class WireSettings(Reached, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[wire]`: where other members reach this node."""

    def __post_init__(self) -> None:
        try:
            msgspec.convert(self.public, Url)
        except msgspec.ValidationError:
            raise ValueError(f"Expected `public` to be https://host:port, found {self.public!r}") from None
        super().__post_init__()


class ApiSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[api]`: where programs of this organisation reach this node. Never on the wire's listener."""

    socket: Path | None = None
    listen: str | None = None
    token_file: Path | None = None

    def __post_init__(self) -> None:
        if self.address and not self.address.loopback:
            raise ValueError(f"Expected `listen` to be a loopback address, found {self.listen!r}")
        if (self.listen is None) is not (self.token_file is None):
            raise ValueError("`listen` and `token_file` need each other")

    @property
    def address(self) -> Address | None:
        """Where to listen, besides the Unix socket."""
        return None if self.listen is None else parse_address(self.listen)


class ConsoleSettings(Reached, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[console]`: where people of this organisation reach this node with a browser; without it, nowhere."""

    tls_cert: Path | None = None
    tls_key: Path | None = None
    device_bound_keys: bool = False
    idle_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 12
    session_hours: Annotated[int, msgspec.Meta(ge=1, le=720)] = 168
    audit_days: Annotated[int, msgspec.Meta(ge=1, le=3_650)] = 180

    def __post_init__(self) -> None:
        match = _CONSOLE_URL.fullmatch(self.public)
        if not match or int(match["port"] or 1) > 65_535 or not (self.domain or _ip_of(match["host"])):
            raise ValueError(
                f"Expected `public` to be https://host or https://host:port, found {self.public!r}"
            )
        super().__post_init__()
        if not self.tls and not _is_loopback(match["host"]):
            raise ValueError("`public` without TLS needs a loopback host")
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("`tls_cert` and `tls_key` need each other")
        if self.tls is (self.tls_cert is None):
            raise ValueError("`tls_cert` and `tls_key` go with a `public` of https://, and it with them")
        if self.device_bound_keys and not self.domain:
            raise ValueError("`device_bound_keys` needs a domain name in `public`: a key file can be copied")
        if self.idle_hours > self.session_hours:
            raise ValueError("Expected `idle_hours` to be at most `session_hours`")

    @property
    def origin(self) -> str:
        """What browsers call this console: `public`, without the port that goes without saying."""
        return self.public.removesuffix(":443" if self.tls else ":80")

    @property
    def domain(self) -> str | None:
        """The domain name in `public`, for which browsers make passkeys; None where it is an IP address."""
        host = self.public.partition("://")[2].partition(":")[0]
        return host if _DOMAIN.fullmatch(host) else None


class DeskSettings(Desk, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[desk]`: who is on duty, in the language `lang`; it becomes the card. `officers` are vkeys."""

    lang: Lang = "en"
    officers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for vkey in self.officers:
            try:
                VerifyingKey.parse(vkey)
            except MalformedKey as error:
                raise ValueError(f"Expected officers to be vkeys. {error}") from None


class KeySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[keys]`: when this node reminds its operator of new online keys."""

    rotate_after_days: Annotated[int, msgspec.Meta(ge=1, le=36_500)] = 365


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[storage]`: how much of the disk is kept for what this node writes itself."""

    reserve_mb: Annotated[int, msgspec.Meta(ge=0, le=2**40)] = 256


class LogSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[log]`: what this node tells its operator on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "console"] = "json"


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file. Paths are absolute."""

    data_folder: Path
    marker_folder: Path | None = None
    wire: WireSettings
    api: ApiSettings = ApiSettings()
    desk: DeskSettings
    keys: KeySettings = KeySettings()
    storage: StorageSettings = StorageSettings()
    log: LogSettings = LogSettings()
    duty: DutySettings = DutySettings()
    alerts: tuple[ChannelSettings, ...] = ()
    observing: ObservingSettings = ObservingSettings()
    console: ConsoleSettings | None = None

    def __post_init__(self) -> None:
        names = [channel.name for channel in self.alerts]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"Expected each of `alerts` to have a name of its own, found {twice[0]!r} twice")

    @property
    def api_socket(self) -> Path:
        """The Unix socket of the machine API."""
        return self.api.socket or self.data_folder / "api.sock"


def load_config(path: Path) -> Config:
    """The configuration in that file. Raises MalformedConfig."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CONFIG_BYTES + 1).decode()
    except FileNotFoundError:
        raise MalformedConfig(
            f"Expected a configuration at {path}, found no such file. Next: name yours with --config; a new "
            "node begins with `tocsin init`."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise MalformedConfig(
            f"Expected a configuration at {path}, found none that can be read ({error}). Next: `tocsin init`."
        ) from error
    try:
        return parse_config(text, path.absolute().parent)
    except MalformedConfig as error:
        raise MalformedConfig(f"{path}: {error}") from error


def parse_config(text: str, folder: Path) -> Config:
    """The configuration that a text states, with paths from `folder`. Raises MalformedConfig."""
    _check_size(text)
    # ValueError is also an integer of thousands of digits; nested deeply enough, tables exhaust the parser.
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedConfig(f"Expected TOML, found an error: {error}.") from error
    _check_keys(data, Config, ())
    try:
        return msgspec.convert(data, Config, dec_hook=lambda _, value: _path(folder, value))
    except msgspec.ValidationError as error:
        raise MalformedConfig(_in_words(error)) from error


def parse_address(text: str) -> Address:
    """The address that `ip:port` or `[ip]:port` says. Raises ValueError."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if ":" in host else host
    try:
        address = Address(str(ipaddress.ip_address(host)), int(port))
    except ValueError:
        address = None
    if address is None or not port.isdecimal() or address.port > 65_535:
        raise ValueError(f"Expected an IP address and a port, such as 127.0.0.1:8440, found {text!r}")
    return address


def _ip_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a URL has for its host, if it writes one as browsers do."""
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return address if host == (f"[{address}]" if address.version == 6 else str(address)) else None


def _is_loopback(host: str) -> bool:
    # What is below localhost never leaves the machine, either (RFC 6761, section 6.3).
    address = _ip_of(host)
    return address.is_loopback if address else f".{host}".endswith(".localhost")


def _check_size(text: str) -> None:
    # A key of thousands of dotted parts takes the parser that squared.
    lines = [len(line) for line in text.encode().split(b"\n")]
    if sum(lines) + len(lines) > MAX_CONFIG_BYTES or max(lines) > MAX_LINE_BYTES:
        raise MalformedConfig(
            f"Expected at most {MAX_CONFIG_BYTES} bytes in lines of at most {MAX_LINE_BYTES}, found more."
        )


def _path(folder: Path, value: object) -> Path:
    if not isinstance(value, str):
        raise TypeError(f"Expected a path in quotes, found {value!r}")
    return folder / value


def _in_words(error: msgspec.ValidationError) -> str:
    """What msgspec found wrong, in the words of TOML: settings by their full names, tables for objects."""
    what, _, where = str(error).partition(" - at ")
    where = where.strip("`").removeprefix("$").removeprefix(".")
    if missing := re.fullmatch("Object missing required field `(.*)`", what):
        return f"Expected {'.'.join(filter(None, (where, missing[1])))}, found nothing."
    what = f"{what.replace('`object`', 'a table').replace('`', '').removesuffix('.')}."
    return f"In {where}: {what}" if where else what


def _check_keys(data: Mapping[str, object], kind: _Struct, at: tuple[str, ...]) -> None:
    """That every key is one of the struct's, and so on below it. Raises MalformedConfig."""
    fields = {field.name: field.type for field in msgspec.structs.fields(kind)}
    tag = kind.__struct_config__.tag_field
    for key, value in data.items():
        if key == tag:
            continue
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            names = [".".join((*at, name)) for name in close or sorted(fields)]
            found = quoted(".".join((*at, key)))
            raise MalformedConfig(f"Expected {' or '.join(names)}, found {found}, which is no setting.")
        for name, table, inner in _tables(key, value, fields[key]):
            _check_keys(table, inner, (*at, name))


def _tables(key: str, value: object, kind: object) -> Iterator[tuple[str, dict[str, object], _Struct]]:
    """The tables that a value is, or has, each with its struct: its tag says which, of several."""
    if isinstance(value, list):
        for place, one in enumerate(value):
            yield from _tables(f"{key}[{place}]", one, next(iter(get_args(kind)), None))
    elif isinstance(value, dict):
        kinds = [one for one in get_args(kind) or (kind,) if isinstance(one, type)]
        for one in kinds:
            if issubclass(one, msgspec.Struct):
                tag_field, tag = one.__struct_config__.tag_field, one.__struct_config__.tag
                if tag_field is None or value.get(tag_field) == tag:
                    yield key, value, one
