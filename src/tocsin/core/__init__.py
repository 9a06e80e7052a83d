"""Who said what: names, keys, notes, the tree's mathematics, checkpoints, proofs, and the record types.

Pure: bytes and values in, bytes and values out. Clock and chance are arguments; so are the functions that
read tiles. Nothing here opens a file or a socket, or knows who is a member of what. From the bottom up:

- `errors`: what can go wrong, in two families; `clock`: the protocols `Clock` and `Chance`.
- `names`: log and key names; `keys`: Ed25519 keys; `note`: signed notes.
- `tlog`: entries, the tree over them, checkpoints, cosignatures and proofs.
- `strict_json`, `records`: what a record may say, and the one way to write it.

The formats stand byte for byte in docs/protocol.md.
"""
