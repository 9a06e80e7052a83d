"""The organisation key as a file: one for live circles, one for drills (docs/protocol.md, section 2).

- The secret half is for a safe. Only `circle sign` reads it; `run` never does.
- The public half lies beside the configuration, so that introducing the organisation needs no secret.
- A key is named `<domain>/<member>` in a circle, and an organisation has one key for many circles. In its
  file it is therefore named after its mode, `live` or `drill`, and takes its name where a circle is known.
- Words for whoever finds the file in ten years stand above the key, which is the last line.
"""

from dataclasses import replace
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from tocsin.circles.errors import DrillAtLive, LiveAtDrill
from tocsin.cli.failing import NotSetUp
from tocsin.core.clock import Chance
from tocsin.core.errors import MalformedKey, quoted
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.names import is_drill, organisation_name
from tocsin.node.folder import read_secret, write_secret

Mode: TypeAlias = Literal["live", "drill"]
MODES: tuple[Mode, ...] = get_args(Mode)

_MAX_PUBLIC_BYTES = 4_096
_SAFE_TEXT = """\
THE ORGANISATION KEY, for {mode} circles of tocsin

Whoever can read this file can sign charters in your organisation's name. Keep it in a safe, on a medium
that is connected to nothing, and a copy of it in another safe. No node needs it to run. It is needed to sign:

    tocsin circle sign CHARTER --organisation-key THIS-FILE

{key}
"""
_PUBLIC_TEXT = """\
The public half of the organisation key, for {mode} circles of tocsin. It is no secret.

{key}
"""


def mode_of(domain: str) -> Mode:
    """What a circle of that domain is."""
    return "drill" if is_drill(domain) else "live"


def secret_path(folder: Path, mode: Mode) -> Path:
    """Where `init` puts the secret half, unless told otherwise."""
    return folder / f"organisation-{mode}.key"


def public_path(folder: Path, mode: Mode) -> Path:
    """Where the public half lies; `folder` is that of the configuration."""
    return folder / f"organisation-{mode}.pub"


def make_key(path: Path, mode: Mode, chance: Chance) -> SigningKey:
    """A new key, durably written to a file that only its owner may read. Raises FileExistsError."""
    key = SigningKey.generate(mode, SignatureType.ED25519, chance)
    write_secret(path, _SAFE_TEXT.format(mode=mode.upper(), key=key.encode_unsafe()).encode())
    return key


def write_public(path: Path, key: VerifyingKey) -> None:
    """The public half of a key that is named after its mode."""
    path.write_text(_PUBLIC_TEXT.format(mode=key.name, key=key.encode()), encoding="utf-8")


def read_key(path: Path, mode: Mode) -> SigningKey:
    """The secret half. Raises KeysMissing, UnsafeFile, MalformedKey, DrillAtLive or LiveAtDrill."""
    key = SigningKey.parse(_last_line(read_secret(path)))
    _check_mode(key.verifying, mode, path)
    return key


def read_public(path: Path, mode: Mode) -> VerifyingKey:
    """The public half. Raises NotSetUp, MalformedKey, DrillAtLive or LiveAtDrill."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_PUBLIC_BYTES)
    except OSError as error:
        raise NotSetUp(
            f"Expected the public half of an organisation key ({mode}) in {path}: {error.strerror}. "
            f"Next: `tocsin init{' --drill' * (mode == 'drill')}`, or name the file with --public-key."
        ) from None
    key = VerifyingKey.parse(_last_line(data))
    _check_mode(key, mode, path)
    return key


def public_in_circle(key: VerifyingKey, domain: str, member: str) -> VerifyingKey:
    """The key under the name that it has in a circle."""
    return VerifyingKey(organisation_name(domain, member), key.type, key.public)


def in_circle(key: SigningKey, domain: str, member: str) -> SigningKey:
    """The key under the name that it has in a circle."""
    return replace(key, verifying=public_in_circle(key.verifying, domain, member))


def _last_line(data: bytes) -> str:
    return data.decode("latin-1").rstrip("\n").rpartition("\n")[2]


def _check_mode(key: VerifyingKey, mode: Mode, path: Path) -> None:
    if key.name == mode:
        return
    if key.name not in MODES:
        raise MalformedKey(f"Expected an organisation key in {path}, found a key named {quoted(key.name)}.")
    wrong = DrillAtLive if mode == "live" else LiveAtDrill
    raise wrong(
        f"Expected the organisation key for {mode} circles, found in {path} the one for the other kind."
    )
