"""The licences of what is bundled: they ask that their text goes along with every copy.

The bundles are stripped of comments, so the texts are put together in a file beside them, from the
npm packages that package-lock.json counts as needed at run time.
"""

from __future__ import annotations

import json

from tools._checkout import JS, NOTICES
from tools._steps import SetupError

_NOT_BUNDLED = {"dev", "optional", "devOptional"}
_HEAD = """\
The two scripts in this folder contain, in whole or in part, the packages below.
"""


def write_notices() -> None:
    """Write the licence texts of all packages that a bundle may contain.

    Raises:
        SetupError: Naming a package that comes without its licence.
    """
    packages = json.loads((JS / "package-lock.json").read_text())["packages"]
    notices = [_HEAD]
    for path, package in sorted(packages.items()):
        if not path or not _NOT_BUNDLED.isdisjoint(package):
            continue
        name = path.rpartition("node_modules/")[2]
        texts = sorted((JS / path).glob("LICEN[CS]E*"))
        if not texts:
            raise SetupError(f"the npm package {name} would be bundled without a licence file")
        text = texts[0].read_text().strip()
        notices.append(f"{'-' * 80}\n{name} {package['version']}\n\n{text}\n")
    NOTICES.write_text("\n".join(notices))
