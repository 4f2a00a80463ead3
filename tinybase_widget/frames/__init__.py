"""Tables from and to data frames.

narwhals reads frames, whichever library they are of; it is the extra `tinybase-widget[frames]`, and
nothing here is imported before it is needed. A column goes through these modules:

    _loading     load_frame: names and row ids; _rows: cells to rows
    _to_cells    a column to cells, in the forms of _texts; _objects: what a column of objects holds
    _remembered  dtypes, for the way back
    _building    to_frame: which columns, dtypes and row ids
    _from_cells  cells to values of a dtype; _inferring: of which dtype, if nobody has said
    _pandas, _polars, _pyarrow    values to a frame
"""

from tinybase_widget.frames._building import to_frame
from tinybase_widget.frames._loading import load_frame

__all__ = ["load_frame", "to_frame"]
