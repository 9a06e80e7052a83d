"""Whether our fusion of readings fools itself less than others do, in simulated cases.

- `parameters`: of what worlds are made, and why; `world`: what seven members see of a case; `scenarios`: what
  each changes of that; `evidence`: it as records.
- `rivals`: the methods that ours is compared with; `scoring`: their figures; `running`: all cases; `targets`:
  what ours has to keep to; `table`: all of it as text, which `python -m validation.simulating` prints.

A simulation shows what a method does in a world that somebody made up, not that the world is like that.
"""
