"""What a fuzzer begins with: the vectors' cases, and the circle and keys that they are about."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tocsin.circles.founding.circle import Circle
from tocsin.circles.founding.joining import assemble
from tocsin.circles.wire.messages import EventsRequest
from tocsin.core.keys import VerifyingKey
from tocsin.core.sealed import SealedKey

VECTORS = Path(__file__).parents[2] / "vectors"

Case = dict[str, Any]

_CONFIGURATION = """
data_folder = "data"
marker_folder = "/elsewhere"
[wire]
listen = "127.0.0.1:8440"
public = "https://desk.example:8440"
[api]
socket = "api.sock"
listen = "[::1]:8441"
token_file = "token"
[desk]
name = "Desk"
contact = "+00 000"
hours = "24/7"
languages = ["en", "ko"]
lang = "en"
officers = []
[log]
level = "debug"
format = "console"
"""


@cache
def cases(name: str) -> list[Case]:
    """The cases of a file of vectors."""
    found: list[Case] = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["cases"]
    return found


def written(case: Case, key: str) -> list[bytes]:
    """The bytes that a case writes under this key: in hex, as text, as a list of texts, or in parts."""
    if "parts" in case:
        return ["".join(text * times for text, times in case["parts"]).encode()]
    if f"{key}_hex" in case:
        return [bytes.fromhex(case[f"{key}_hex"])]
    value = case.get(key, [])
    if key == "message":
        return [bytes.fromhex(value)]
    return [text.encode(errors="surrogatepass") for text in ([value] if isinstance(value, str) else value)]


def good(name: str) -> list[Case]:
    """The cases that are taken."""
    return [case for case in cases(name) if "error" not in case]


@cache
def founding() -> tuple[str, list[bytes]]:
    """The charter and the join files of the vectors' circle."""
    case = good("joinfile")[0]
    return case["charter"], [file.encode() for file in case["join_files"]]


@cache
def circle() -> Circle:
    """The vectors' circle."""
    return assemble(*founding())


@cache
def good_proof_files() -> frozenset[bytes]:
    """The proof files that are good."""
    return frozenset(case["proof"].encode() for case in good("proof-file"))


@cache
def note_keys() -> list[VerifyingKey]:
    """The keys that sign the vectors' notes."""
    vkeys = {vkey for case in good("note") for vkey in case["vkeys"]}
    return [VerifyingKey.parse(vkey) for vkey in sorted(vkeys)]


@cache
def log_keys() -> dict[str, VerifyingKey]:
    """The keys of the vectors' logs, by name."""
    keys = [VerifyingKey.parse(vkey) for case in good("checkpoint") for vkey in case["vkeys"]]
    return {key.name: key for key in keys}


@cache
def request_key() -> VerifyingKey:
    """The key that says in the vectors that a record arrived ahead."""
    (case, *_) = (case for case in good("request") if case["operation"] == "received-ahead")
    return VerifyingKey.parse(case["vkey"])


def add_checkpoint_requests() -> Iterator[bytes]:
    """Requests to a witness."""
    for case in good("checkpoint"):
        yield f"old 0\n\n{case['checkpoint']}".encode()
        yield f"old 3\n{'A' * 43}=\n{'B' * 42}A=\n\n{case['checkpoint']}".encode()


def events_requests() -> Iterator[bytes]:
    """Requests for events."""
    yield EventsRequest((), ()).encode()
    yield EventsRequest((bytes(32), b"1" * 32), (b"{}", b"event")).encode()


def sealed_keys() -> Iterator[bytes]:
    """Secret keys under a passphrase."""
    (case, *_) = (case for case in cases("cosignature") if "secret" in case)
    box = "A" * 96
    sealed = SealedKey(memory_kib=8, passes=1, public=good("keys")[0]["vkey"], salt="A" * 22 + "==", box=box)
    yield sealed.encode().encode()
    yield case["secret"].encode()


def configurations() -> Iterator[bytes]:
    """Configurations of a node."""
    plain = _CONFIGURATION.replace("https://desk.example:8440", "http://127.0.0.1:8440")
    yield _CONFIGURATION.encode()
    yield plain.encode()
    yield plain.replace("[api]", "unsafe_loopback = true\n[api]").encode()
