"""Evidence: files that convince someone who trusts none of the members.

- `prooffile`: who wrote a record, and who held it.
- `contradictions`: that an organisation signed two openings, or two amendments, where one can be.
- `forks`: that a member showed two versions of its log; `rewritten`: the tree it then showed.
"""
