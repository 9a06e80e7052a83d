"""One circle at one node, as it is between two changes of the circle: what `line` starts and stops.

- `standing`: what this node may do in the circle as it is now; `exchange`: the parts that do it.
- `announcing`: bringing the events that change the circle to every member, and theirs here.
- `gate`: lets calls and writes end before a change; `kept`: the small state that outlives it.
"""
