"""What all tests share: no example is timed, for a busy machine is not a fault of the program."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
