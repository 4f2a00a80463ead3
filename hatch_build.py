"""Stops a build that would ship a widget without its JavaScript.

The bundles are made by `make build` and are not in git. A distribution without them installs and
imports, then shows nothing; so both the sdist and the wheel are refused. An editable install may
come before the first JavaScript build and passes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class StaticFilesHook(BuildHookInterface):  # type: ignore[type-arg]  # generic only in its source
    """Check that every artifact that pyproject.toml lists is there."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Refuse to build when a bundle is missing.

        Args:
            version: "standard" for a distribution, "editable" for `pip install -e`.
            build_data: What hatchling lets hooks change; not needed here.

        Raises:
            FileNotFoundError: Naming the missing files and the command that makes them.
        """
        if version == "editable":
            return
        artifacts = self.metadata.config["tool"]["hatch"]["build"]["artifacts"]
        missing = [path for path in artifacts if not Path(self.root, path).is_file()]
        if missing:
            raise FileNotFoundError(
                f"the JavaScript bundles are not built: {', '.join(missing)} missing. "
                "Run `make build`, which builds them and then this package."
            )
