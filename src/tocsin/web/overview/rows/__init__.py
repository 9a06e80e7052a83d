"""Cases as rows, and the times that run in them.

- `cases`: one case; `urgency`: the order of cases; `clocks`: one time that runs; `ordered`: keeps the order.
"""
