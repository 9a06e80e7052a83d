"""Founding: how organisations that trust no one between them come to one circle.

- `charter`: what they agree on; `text`: that with words for people; `draft`: the text of a first charter.
- `entries`: how each introduces itself for it; `comparing`: what two of them read to each other aloud.
- `memberkeys`: a member's own secret keys; `opening`: their public halves, vouched for by the organisation.
- `joinfile`: what each member gives to the others; `joining`: all of them checked, and a circle made.
- `circle`: the circle and its members, as everything else uses them.
"""
