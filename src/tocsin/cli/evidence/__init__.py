"""Evidence: files that convince somebody who trusts none of the members.

- `making`: prove a record, export a log, hand out the evidence of two versions; `verify`: check a file,
offline.
"""
