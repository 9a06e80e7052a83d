"""Backups of a node: `making` one while it runs, `restoring` it; `manifest` says what is in it."""
