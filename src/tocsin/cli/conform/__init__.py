"""The conformance runner: does an endpoint, ours or another implementation's, keep to docs/protocol.md?

It plays all the other members of a drill, each with keys of its own, and calls the endpoint as they would:
once as they should, and then in each way that the protocol has an error for.

- `group`: the commands; `stage`: the drill, and the files for the endpoint; `player`: one member that is
  played; `subject`: the endpoint under test; `judging`: what a case is, and expected against found.
- `cases`: the cases, by section; among them `vectors` makes cases of the files in `vectors/`.
"""
