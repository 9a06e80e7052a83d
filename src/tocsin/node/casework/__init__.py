"""The cases of a node's circles: from logs to what capabilities are shown, and what they make of it.

- `noting`: what is to be found of a record; `indexing`: keeping the index of the node's store up to date.
- `sayings`: records as they are said; `knowledge`, `holdings`, `terms`: what capabilities are shown besides.
- `hot`: cases kept in memory; `casework`: a circle's cases, asked for by the others in the node.
"""
