"""Who said what: names, keys, notes, the tree's mathematics, checkpoints, proofs, and the record types.

Pure: bytes and values in, bytes and values out. Clock and chance are arguments; so are the functions that
read tiles. Nothing here opens a file or a socket, or knows who is a member of what. From the bottom up:

- `errors`: what can go wrong, in two families; `clock`: the protocols `Clock` and `Chance`.
- `names`: log and key names; `keys`: Ed25519 keys; `note`: signed notes.
- `tiles`, `tree`: RFC 6962 trees, kept in tiles of 256 hashes.
- `checkpoint`: a log's signed size and root, and cosignatures on it; `entry`: what is hashed for a record.
- `proof`: the text of an offline proof.
- `strict_json`, `records`: what a record may say, and the one way to write it.

The formats stand byte for byte in docs/protocol.md.
"""
