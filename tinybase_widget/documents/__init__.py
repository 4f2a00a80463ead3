"""Document types for Jupyter's servers; the extra `tinybase-widget[jupyter]`."""

from tinybase_widget._exceptions import MissingExtraError

# First, because it imports in its turn the document types that it finds, those in here among them.
try:
    import jupyter_ydoc  # noqa: F401
except ModuleNotFoundError as error:
    raise MissingExtraError("jupyter", "YTinyBase") from error
