"""What happens to a circle after its founding: amendments, and members that come, go, and are kept away.

- `known`: the circle as the running node knows it.
- `amending`: the command `circle amend` with draft, show and apply.
- `leaving`: leave; `excluding`: suspend, resume, expel, reply.
"""
