"""The organisation key as a file: one for live circles, one for drills (docs/protocol.md, section 2).

- The secret half is for a safe, under a passphrase. Only `org` and `circle sign` read it; `run` never does.
- The public half lies beside the configuration, so that introducing the organisation needs no secret.
- A key is named `<domain>/<member>` in a circle, and an organisation has one key for many circles. In its
  file it is therefore named after its mode, `live` or `drill`, and takes its name where a circle is known.
- Words for whoever finds the file in ten years stand above the key, which is the last line: a sealed key
  (`core.sealed`) or, where somebody wanted no passphrase and in files of version 0.1.0, the key itself.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from tocsin.cli.failing import NotSetUp
from tocsin.core.clock import Chance
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.sealed import SealedKey, seal, unseal
from tocsin.node.files import write_whole
from tocsin.node.folder import read_secret, replace_secret, write_secret
from tocsin.node.papers.organisation import Mode, check_mode, last_line, parse_public, public_in_circle

Passphrase: TypeAlias = Callable[[], str]
"""Asks for the passphrase of a key, once it is needed."""

_MAX_PUBLIC_BYTES = 4_096
_SAFE_TEXT = """\
THE ORGANISATION KEY, for {mode} circles of tocsin

Whoever has {whoever} can sign charters and keys in your organisation's name.
Keep it in a safe, on a medium that is connected to nothing, and a copy of it in another safe. No node
needs it to run. It is needed to sign, on a machine without network:

    tocsin org sign FILE --organisation-key THIS-FILE

{note}

{key}
"""
_WITH = "this file and its passphrase"
_WITH_NOTE = """\
Keep the passphrase elsewhere. Without it nobody can use this key, not even your organisation."""
_WITHOUT = "this file"
_WITHOUT_NOTE = """\
It has no passphrase. To give it one: tocsin org repass THIS-FILE"""
_PUBLIC_TEXT = """\
The public half of the organisation key, for {mode} circles of tocsin. It is no secret.

{key}
"""


def secret_path(folder: Path, mode: Mode) -> Path:
    """Where the secret half is put, unless told otherwise."""
    return folder / f"organisation-{mode}.key"


def public_path(folder: Path, mode: Mode) -> Path:
    """Where the public half lies; at a node, `folder` is that of the configuration."""
    return folder / f"organisation-{mode}.pub"


def make_key(path: Path, mode: Mode, chance: Chance, passphrase: str | None) -> SigningKey:
    """A new key, durably written to a file that only its owner may read.

    Raises FileExistsError, or WeakPassphrase; None is no passphrase at all.
    """
    key = SigningKey.generate(mode, SignatureType.ED25519, chance)
    write_secret(path, _file(key, chance, passphrase))
    return key


def change_passphrase(path: Path, key: SigningKey, chance: Chance, passphrase: str | None) -> None:
    """The same key in the same place, under another passphrase. Raises WeakPassphrase."""
    replace_secret(path, _file(key, chance, passphrase))


def write_public(path: Path, key: VerifyingKey) -> None:
    """The public half of a key that is named after its mode."""
    write_whole(path, _PUBLIC_TEXT.format(mode=key.name, key=key.encode()).encode())


def read_either(path: Path) -> SigningKey | SealedKey:
    """What the file of a secret half holds. Raises KeysMissing, UnsafeFile or MalformedKey.

    Under a passphrase, it may lie on a medium that knows no owners, as most sticks do not.
    """
    line = last_line(read_secret(path, others=True))
    return SealedKey.parse(line) if line.startswith("{") else SigningKey.parse(last_line(read_secret(path)))


def read_key(path: Path, mode: Mode | None, passphrase: Passphrase) -> SigningKey:
    """The secret half, of this mode or of either.

    Raises KeysMissing, UnsafeFile, MalformedKey, DrillAtLive or LiveAtDrill, before it asks; WrongPassphrase.
    """
    found = read_either(path)
    check_mode(found.key if isinstance(found, SealedKey) else found.verifying, mode)
    return unseal(found, passphrase()) if isinstance(found, SealedKey) else found


def read_half(path: Path) -> VerifyingKey:
    """The public half of the secret one in that file, as it states it. Raises what `read_either` raises."""
    found = read_either(path)
    return found.key if isinstance(found, SealedKey) else found.verifying


def read_public(path: Path, mode: Mode | None) -> VerifyingKey:
    """The public half, of this mode or of either. Raises NotSetUp, and what `check_mode` raises."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_PUBLIC_BYTES)
    except OSError as error:
        raise NotSetUp(
            f"Expected the public half of an organisation key in {path}, found: {error.strerror}. "
            f"Next: `tocsin init{' --drill' * (mode == 'drill')}`, or name the file with --public-key."
        ) from None
    return parse_public(data, mode)


def in_circle(key: SigningKey, domain: str, member: str) -> SigningKey:
    """The key under the name that it has in a circle."""
    return replace(key, verifying=public_in_circle(key.verifying, domain, member))


def _file(key: SigningKey, chance: Chance, passphrase: str | None) -> bytes:
    mode = key.verifying.name.upper()
    if passphrase is None:
        return _SAFE_TEXT.format(
            mode=mode, whoever=_WITHOUT, note=_WITHOUT_NOTE, key=key.encode_unsafe()
        ).encode()
    sealed = seal(key, passphrase, chance).encode()
    return _SAFE_TEXT.format(mode=mode, whoever=_WITH, note=_WITH_NOTE, key=sealed).encode()
