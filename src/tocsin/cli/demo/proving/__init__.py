"""Scenes for somebody who trusts none of the five: a proof, and a whole case, checked elsewhere.

`verifying` runs `tocsin verify` as anybody would.
"""
