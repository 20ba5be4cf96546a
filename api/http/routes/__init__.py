"""The routes, one noun a file, found by looking into the folder.

A file has one or more `APIRouter`s of a route class of `api.http.answering`: `Signed` (who calls must be signed in; the
parameter `caller: Caller` says who) or `Open`. A route asks what the caller may (`caller.need("noun.verb")`, a line of
`engine.workflow.roles.MAY`) and gives a desk to the workflow (`with caller.desk(writes=True) as desk`); it holds no
query and maps no exception. It has a summary in Chinese, a docstring, examples of its body and its answers (`example`),
and in `responses` what only it can answer (412, 428, 304); the rest is added by `api.http.openapi`.
"""
