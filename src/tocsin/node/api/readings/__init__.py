"""Readings in the machine API (docs/api.md).

`types`: what is given; `telling`: from what the node makes of a case to that; `calls`: the routes.
"""
