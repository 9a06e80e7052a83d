"""Attachments at this node: files that go by their hashes.

- `kept`: the files of one circle; `attachments`: attaching, fetching, and letting go with the records.
"""
