"""Who may use the console, how they show that it is them, and what is kept of what they did.

- `accounts`, `sessions`, `invitations`, `audit`: documents in the node's store, and the rules for them. The
  store is what counts: nothing of it is kept in memory besides, so that whatever ends there has ended.
- `proving`: passkeys; and key files, where there is no domain name.
- `entering`: from a proof to a session; `attempts`: how often somebody may fail.
- `people`: all of it for one console; `pages`: what is seen of it.

Roles are `tocsin.web.serving.person.Role`, and each page names the one that it takes. There is no password,
no mail and no other site in any of this.
"""
