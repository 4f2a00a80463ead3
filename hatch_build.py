"""Stops a build that lacks its JavaScript, and packs the JupyterLab extension.

The bundles are made by `make build` and are not in git. A distribution without them installs and
imports, then shows nothing; so both the sdist and the wheel are refused. An editable install may
come before the first JavaScript build and passes. The extension goes where JupyterLab looks for
those that come ready built, so that installing the wheel is all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_EXTENSION = "tinybase_widget/labextension"
_IN_EXTENSION = f"{_EXTENSION}/package.json"
_PLACE = "share/jupyter/labextensions/tinybase-widget"


class StaticFilesHook(BuildHookInterface):  # type: ignore[type-arg]  # generic only in its source
    """Check that every artifact that pyproject.toml lists is there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse to build when a bundle is missing; say where the extension goes.

        Args:
            version: "standard" for a distribution, "editable" for `pip install -e`.
            build_data: What hatchling lets hooks change.

        Raises:
            FileNotFoundError: Naming the missing files and the command that makes them.
        """
        if version == "editable":
            return
        artifacts = self.metadata.config["tool"]["hatch"]["build"]["artifacts"]
        needed = [*artifacts, _IN_EXTENSION]
        missing = [path for path in needed if not Path(self.root, path).is_file()]
        if missing:
            raise FileNotFoundError(
                f"the JavaScript bundles are not built: {', '.join(missing)} missing. "
                "Run `make build`, which builds them and then this package."
            )
        if self.target_name == "wheel":
            build_data["shared_data"][str(Path(self.root, _EXTENSION))] = _PLACE
