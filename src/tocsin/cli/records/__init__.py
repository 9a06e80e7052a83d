"""Records: what the members of a circle say to each other.

- `note`: say something; `listing`: read what was said; `watch`: be rung when something new arrives.
"""
