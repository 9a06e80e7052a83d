"""The organisation key: made, shown, used and put under another passphrase, on a machine without network.

- `keyfile`: the key as a file; `passphrases`: where its passphrase comes from.
- `words`: what a node hands over to be signed (`node.papers.draft`), in plain words.
- `group`: the command `org`; `making`: keygen, show, repass; `signing`: sign.
"""
