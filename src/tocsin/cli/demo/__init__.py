"""The demo: five invented organisations carry a real incident to each other, on one machine, with real nodes.

- `demo`: the command. `stage`: the nodes, and waiting for what they say. `screen`: what people see of it.
- `cast` and `facts`: who speaks, and what about. `replay`, `trials` and `proving`: the scenes, in order.
- `cable`: a connection that can be cut; `forger`: those who do not keep to the rules.
- `bulk`: a file's lines instead of the replay.

Nothing that is shown is made up here: it comes out of the nodes' events and answers, and a step that does not
happen within its bound ends the demo with an error.
"""
