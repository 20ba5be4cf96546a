"""What all tests share: which examples hypothesis draws.

`make test` draws the same ones on every machine and in every run, so that it fails by a change and never by luck; none
is timed, for a busy machine is no fault of the program. `make soak` draws new ones (profile `search`).
"""

from hypothesis import settings

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None)
settings.load_profile("repeatable")
