"""Records: what the members of a circle say to each other.

- `note`: say something; `listing`: read what was said; `watch`: be rung when something new arrives.
- `group`, `erase`, `hold`, `ordering`: orders about records; `erasures`: what became of them; `orders`: in
  plain words.
"""
