"""Makes the pictures in docs/ anew, in a real JupyterLab: `python -m tools.pictures [NAME ...]`.

Each picture is a scene: a notebook that is run, and what a person does there. It is taken in
JupyterLab's light theme and in its dark one. Run it by `tools.run`, look at each, and commit those
that show something new.
"""

from __future__ import annotations

import sys

from tools.pictures import _people, _places, _rooms, _table
from tools.pictures._studio import Studio

SCENES = _people.SCENES | _table.SCENES | _places.SCENES | _rooms.SCENES


def main() -> int:
    """Take the pictures that are named on the command line, or all."""
    names = sys.argv[1:] or list(SCENES)
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        print(f"no such picture: {', '.join(unknown)}; there are {', '.join(SCENES)}")
        return 2
    with Studio() as studio:
        for name in names:
            SCENES[name](studio)
    return 0


if __name__ == "__main__":
    sys.exit(main())
