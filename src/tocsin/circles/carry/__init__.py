"""A line without a network: what calls would bring, as a file (docs/protocol.md, section 17)."""
