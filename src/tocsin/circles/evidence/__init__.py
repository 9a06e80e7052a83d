"""Evidence: files that convince someone who trusts none of the members.

- `prooffile`: who wrote a record, and who held it.
- `contradictions`: that an organisation signed two openings, or two amendments, where one can be.
- `finding`: any of them, by the format that a file names.
- `forks`: that a member showed two versions of its log; `rewritten`: the tree it then showed.
"""
