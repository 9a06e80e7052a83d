"""The foreign verifiers, each behind a driver of at most 60 lines: built, started, and what they said.

A driver ends with 0 (verified, the checkpoint on stdout) or 1 (refused, the reason on stderr). Anything else
is a driver that failed, which proves nothing about what it was given.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

HERE = Path(__file__).parent
GO_DRIVERS = sorted(HERE.glob("go/*.go"))
NODE_DRIVER = HERE / "node" / "verify-proof.js"

_GO_LIBRARIES = Path("/usr/share/gocode")
"""Where Debian's golang-golang-x-mod-dev puts them."""

Ask: TypeAlias = Callable[..., "str | None"]
"""Ask a driver. What it says of what it verified; None for what it refuses."""


def missing_for_go() -> str | None:
    """What Go's verifiers lack here."""
    if not shutil.which("go"):
        return "needs Go: `apt-get install golang-go`, as root"
    if not (_GO_LIBRARIES / "src/golang.org/x/mod/sumdb").is_dir():
        return "needs golang.org/x/mod: `apt-get install golang-golang-x-mod-dev`, as root"
    return None


def missing_for_node() -> str | None:
    """What Sigstore's verifier lacks here."""
    if not shutil.which("node"):
        return "needs Node 20.17 or newer"
    if not (HERE / "node/node_modules/@sigstore/verify").is_dir():
        return "needs @sigstore/verify: `npm ci --prefix tests/foreign/node --ignore-scripts`"
    return None


def build_go(folder: Path) -> None:
    """Build Go's drivers."""
    environment = os.environ | {"GO111MODULE": "off", "GOPATH": str(_GO_LIBRARIES), "GOFLAGS": ""}
    for driver in GO_DRIVERS:
        subprocess.run(["go", "build", "-o", folder / driver.stem, driver], env=environment, check=True)


def ask(*command: str | Path, stdin: bytes = b"") -> str | None:
    """Start a driver; see `Ask`."""
    ended = subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)
    if ended.returncode == 0:
        return ended.stdout.decode()
    assert (ended.returncode, b"refused: " in ended.stderr) == (1, True), ended.stderr.decode()
    return None
