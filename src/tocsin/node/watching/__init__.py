"""What a node says about itself to its operator: none of it is evidence, and none of it leaves the node by itself.

- `logs`, `reporting`: lines of text; `metrics`, `measured`: numbers; `health`: what is not as it should be.
"""
