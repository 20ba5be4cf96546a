"""What the rules share that compare with last time."""

from allocation.terms import Field

PREVIOUS = Field("previous", kind="money", title="上次分配", item="previous_amount", of_pool=True)
