"""Whether methods of fusing what many say give the numbers that are known of them, by `make validate`.

It prints one row for a number, or for a few that belong together; its exit code is 1 if one is missed.

- The targets are what other programs gave for the same data or model. Those of C1 are said to stand in Dawid
  and Skene (1979), too, which nobody here has compared with print; those of `relays` follow from the rates
  that it states; for the others no publication is known here.
- The methods are those that tocsin's own was chosen from, written anew and small; the scores are tocsin's.
- A tolerance is half a unit of a target's last digit, or what chance does to a simulation; none is wished.
- Data that may not be shipped is read from a folder; a row without its data is neither met nor missed.
- `ours` has what tocsin's own fusion makes of some of it, with bounds instead of targets.
"""
