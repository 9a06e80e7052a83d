"""Epochs: new online keys for a log, on a schedule, or because the old ones are lost or known to others.

- `group`: the command; `drafting`: draft, cancel; `adopting`: adopt; `listing`: list.
"""
