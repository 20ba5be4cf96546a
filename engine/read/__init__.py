"""Reading what was filled in: workbooks, CSV and Parquet folders, as bureaus really hand them in.

`read` is the door. files → sheets of cells; layout → which table a sheet is and where its heading stands;
cells → one cell's meaning; tables → typed rows with the cell each came from; units → codes for names; checks → what
cannot be right. Every problem is reported at once and bad input changes nothing.
"""

from engine.read.reader import read

__all__ = ["read"]
