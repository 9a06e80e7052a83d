"""How others reach a node.

- `listener`: a socket that speaks HTTP, and that nobody can hold up; `tls`: which key it shows to whom.
- `wire`: the members' calls; `doors`: the sockets of one node, opened and closed together.
"""
