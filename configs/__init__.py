"""What the program ships: policy packs, plans, the metric catalogue. Read through `configs.folder()`."""

from pathlib import Path


def folder() -> Path:
    """The folder of packs, plans and the catalogue, inside the installed package."""
    return Path(__file__).parent
