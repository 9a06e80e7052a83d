"""What happens, on open pages as it happens.

- `hub`: from whoever knows to the pages that show it; `page`: one open page; `streaming`: its stream.
- `pulse`: looking again and again whether there is something else to send.
- `fragments`: parts of pages that are made without anybody who asks for one.
- `slots`: what stands above every page, and keeps none from coming.
- `siren`: the bells of somebody who has the duty, until they silence them.
"""
