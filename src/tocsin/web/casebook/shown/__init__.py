"""What the page of a case shows: pure functions of its picture, of who has what, and of a language.

- `naming`: how members are named here; `heading`: what can be read from across the room; `described`: who
  says what; `asked`: asks and answers; `owed`: what is due; `course`: what became of it; `attached`: content;
  `timeline`: every record, and `looking` which of them; `record`: one of them as a whole.
- What others wrote is cut where there is much of it, and says how much is left: a page has an end.
"""
