"""The vectors, which any other implementation can run too: this one gives what each case expects."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.core.naive_tree import NaiveTree

from tocsin.core.errors import Refusal
from tocsin.core.keys import SignatureType, SigningKey, VerifyingKey
from tocsin.core.names import LogName, is_drill, organisation_name
from tocsin.core.note import Signature, parse_note, verified_by
from tocsin.core.tlog import tree
from tocsin.core.tlog.checkpoint import cosign, open_checkpoint, parse_text, verify_cosignature
from tocsin.core.tlog.entry import entry_of
from tocsin.core.tlog.proof import TlogProof
from tocsin.core.tlog.tiles import tiles_of

VECTORS = Path(__file__).parents[2] / "vectors"

Case = dict[str, Any]


def from_hex(hashes: list[str]) -> list[bytes]:
    """Hashes, as bytes."""
    return [bytes.fromhex(one) for one in hashes]


def name_log(case: Case) -> Case:
    """Parse a log's name and name what belongs to it."""
    log = LogName.parse(case["text"])
    return {
        "domain": log.domain,
        "circle": log.circle,
        "member": log.member,
        "epoch": log.epoch,
        "drill": is_drill(log.domain),
        "holder": log.holder,
        "witness": log.witness,
        "request": log.request,
        "organisation": organisation_name(log.domain, log.member),
    }


def name_officer(case: Case) -> str:
    """Name an officer's key."""
    return LogName.parse(case["log"]).officer(case["role"])


def parse_vkey(case: Case) -> Case:
    """Parse a verifier key."""
    key = VerifyingKey.parse(case["vkey"])
    assert case["vkey"] == key.encode()
    return {"key_name": key.name, "type": key.type, "key_id": key.key_id.hex(), "public": key.public.hex()}


def derive_secret(case: Case) -> Case:
    """Make both halves of a key from its seed."""
    key = SigningKey.from_seed(case["key_name"], SignatureType(case["type"]), bytes.fromhex(case["seed"]))
    return {"secret": key.encode_unsafe(), "vkey": key.verifying.encode()}


def verify_signature(case: Case) -> bool:
    """Verify a raw signature."""
    key = VerifyingKey.parse(case["vkey"])
    return key.verify(bytes.fromhex(case["message"]), bytes.fromhex(case["signature"]))


def open_note(case: Case) -> Case:
    """Parse a note and find who signed it."""
    data = bytes.fromhex(case["note_hex"]) if "note_hex" in case else case["note"].encode()
    note = parse_note(data)
    assert data == note.encode()
    signers = verified_by(note, [VerifyingKey.parse(vkey) for vkey in case["vkeys"]])
    return {"text": note.text, "signers": [signer.name for signer in signers]}


def root(case: Case) -> str:
    """Hash the entries, by the code and by the RFC's words."""
    entries = from_hex(case["entries"])
    found = tree.Frontier.EMPTY.append([tree.leaf_hash(entry) for entry in entries]).root()
    assert NaiveTree(entries).mth() == found
    return found.hex()


def verify_inclusion(case: Case) -> bool:
    """Verify an inclusion proof."""
    leaf, expected = bytes.fromhex(case["leaf_hash"]), bytes.fromhex(case["root"])
    tree.verify_inclusion(leaf, case["index"], case["size"], from_hex(case["proof"]), expected)
    return True


def verify_consistency(case: Case) -> bool:
    """Verify a consistency proof."""
    old_root, new_root = bytes.fromhex(case["old_root"]), bytes.fromhex(case["new_root"])
    tree.verify_consistency(case["old_size"], old_root, case["new_size"], new_root, from_hex(case["proof"]))
    return True


def consistency_roots(case: Case) -> Case:
    """Find where a complete proof leads."""
    roots = tree.consistency_roots(case["old_size"], case["new_size"], from_hex(case["proof"]))
    return {"old_root": roots[0].hex(), "new_root": roots[1].hex()}


def list_tiles(case: Case) -> list[str]:
    """List the paths of a tree's tiles."""
    return [tile.path() for tile in tiles_of(case["size"])]


def open_log_checkpoint(case: Case) -> Case:
    """Open a checkpoint of one of the logs known."""
    keys = {key.name: key for key in map(VerifyingKey.parse, case["vkeys"])}
    checkpoint = open_checkpoint(case["checkpoint"].encode(), keys.get).checkpoint
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()}


def make_cosignature(case: Case) -> str:
    """Cosign a checkpoint."""
    return cosign(parse_text(case["checkpoint"]), SigningKey.parse(case["secret"]), case["time_s"]).line()


def cosignature_time(case: Case) -> int:
    """Verify a cosignature."""
    signature = Signature.parse_line(case["line"])
    return verify_cosignature(parse_text(case["checkpoint"]), signature, VerifyingKey.parse(case["vkey"]))


def make_entry(case: Case) -> Case:
    """Make the entry of a record."""
    record = bytes.fromhex(case["record_hex"]) if "record_hex" in case else case["record"].encode()
    entry = entry_of(case["log"], bytes.fromhex(case["salt"]), record)
    return {"entry": entry.hex(), "leaf_hash": tree.leaf_hash(entry).hex()}


def parse_proof(case: Case) -> Case:
    """Parse an offline proof's text."""
    proof = TlogProof.parse(case["proof"].encode())
    assert case["proof"] == proof.encode().decode()
    return {
        "extra": proof.extra and proof.extra.hex(),
        "index": proof.index,
        "hashes": [one.hex() for one in proof.hashes],
        "checkpoint": proof.checkpoint_note.decode(),
    }


OPERATIONS: dict[str, dict[str | None, Callable[[Case], object]]] = {
    "names.json": {"log": name_log, "officer": name_officer},
    "keys.json": {"vkey": parse_vkey, "secret": derive_secret, "verify": verify_signature},
    "note.json": {None: open_note},
    "tree.json": {
        "root": root,
        "inclusion": verify_inclusion,
        "consistency": verify_consistency,
        "consistency-roots": consistency_roots,
        "tiles": list_tiles,
    },
    "checkpoint.json": {None: open_log_checkpoint},
    "cosignature.json": {"make": make_cosignature, "verify": cosignature_time},
    "entry.json": {None: make_entry},
    "tlog-proof.json": {None: parse_proof},
}


def cases() -> list[Any]:
    """Every case of every file."""
    return [
        pytest.param(OPERATIONS[file][case.get("operation")], case, id=f"{file}: {case['name']}")
        for file in OPERATIONS
        for case in json.loads((VECTORS / file).read_text("utf-8"))["cases"]
    ]


@pytest.mark.parametrize(("operation", "case"), cases())
def test_vector(operation: Callable[[Case], object], case: Case) -> None:
    """A case gives what it expects, or is refused with the error it names."""
    if "error" in case:
        with pytest.raises(Refusal) as refused:
            operation(case)
        assert case["error"] == refused.value.code
    else:
        assert case["expect"] == operation(case)
