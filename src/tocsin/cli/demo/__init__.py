"""The demo: five invented organisations carry a real incident to each other, with real nodes on one machine.

- `command`: the command; `playing`: the scenes, in their order; `screen`: what people see of it, or programs.
- `script`: who speaks, and about what.
- `day`, `trials`, `years`, `proving`: the scenes; `summary`: the last one.
- `windows`: the consoles of two desks, to watch it and to take part.
- `stage`: the nodes; `watch`: what they do; `cables`: the connections between them, which can be cut.
- `bulk`: a file's lines instead of the scenes.

No outcome is made up: what is shown is what the nodes did, and a step that does not happen within its bound
ends the demo with an error.
"""

from tocsin.cli.demo.command import demo as demo
