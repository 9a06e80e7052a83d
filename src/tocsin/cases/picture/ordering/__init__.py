"""In which order a case's records were written, by what their authors' nodes held.

`lines`: what they held of the case; `times`: what that says of the times they give; `timeline`: the order.
"""
