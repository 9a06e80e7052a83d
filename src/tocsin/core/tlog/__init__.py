"""Tiled transparency logs, as C2SP has them: entries, their tree, checkpoints, cosignatures and proofs.

- `tree`: the mathematics of RFC 6962; `tiles`: how its hashes are cut and named.
- `entry`: what is hashed; `chunk`: entries with their records, as they travel.
- `checkpoint`: what a log and its cosigners sign; `proof`: what convinces a stranger.
"""
