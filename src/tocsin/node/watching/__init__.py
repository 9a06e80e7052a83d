"""What a node tells its operator about itself. None of it is evidence, and none is sent anywhere.

- `logs`, `reporting`: lines of text; `metrics`, `measured`: numbers; `health`: what is not as it should be.
"""
