"""The lines of the circles, as people are told of them.

- `lines`: as they are now; `members`: one line in what is to say of it; `maps`: all of a circle in a picture.
"""
