"""Attachments: content that goes by its hash, given to those who may have the record that names it.

- `contents`: where a node has them; `naming`: who may have which; `serving`: giving; `fetching`: getting.
"""
