"""What all pages share: who asks, what a form may hold, how a page is made, and what every answer says.

- `page`: from functions to routes; `app`: the order of checks before one is called; `visit`: one request.
- `person`: what is known of who asks; `forms`: what they send, and `bodies`: how much of it at once;
  `templates`, `static`, `files`: what they get.
"""
