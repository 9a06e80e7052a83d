"""Secrets and trusted certificates of channels, from their files."""

import ssl
from pathlib import Path

from tocsin.node.errors import MalformedConfig
from tocsin.node.folder import read_secret


def secret_of(path: Path, least_bytes: int) -> bytes:
    """The secret that is all of a file, but for a last newline.

    Raises KeysMissing, UnsafeFile or MalformedConfig.
    """
    secret = read_secret(path).removesuffix(b"\n")
    if len(secret) < least_bytes:
        raise MalformedConfig(
            f"Expected a secret of at least {least_bytes} bytes in {path}, found {len(secret)}. "
            f"Next: put one there, such as `openssl rand -hex 32` makes."
        )
    return secret


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer with a server whose name and certificate fit, by that file or what this system trusts.

    Raises MalformedConfig.
    """
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise MalformedConfig(
            f"Expected certificates, as PEM, in {ca_file}, found none ({error})."
        ) from error
