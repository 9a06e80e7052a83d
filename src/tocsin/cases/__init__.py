"""Cases: what happened, who else sees it, and how far that can be relied upon.

A capability: folds over what was said in one circle, and functions that turn a wish into records. Nothing
here reads a clock, a file or the network.
"""
