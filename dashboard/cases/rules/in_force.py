"""In force: the rules as the operator's files have them now, read again when a file or the city has changed."""

from __future__ import annotations

import logging
from pathlib import Path

from dashboard.cases.rules.rules import CHINA, Rules, WrongRules
from feeds.city import City

__all__ = ["InForce"]

log = logging.getLogger(__name__)

#: Folder of the operator's rules in the data folder.
FOLDER = "rules"


class InForce:
    """One a process. data: the data folder; tree: the setting `classes`.

    Raises WrongRules only when there is nothing better: rules that were good stay in force.
    """

    def __init__(self, data: str, tree: str = "") -> None:
        self._folder, self._tree = Path(data) / FOLDER, tree
        self._stamp: object = None
        self.rules = Rules.load(self._folder, classes=tree)
        self.trouble = ""

    def look(self, city: City | None) -> Rules:
        """The rules for this city now. Costs a look at the folder; files are read when one has changed."""
        stamp = (city.version if city else "", _stamp(self._folder))
        if stamp != self._stamp:
            self._stamp = stamp
            try:
                zone, classes = (city.zone, city.classes) if city else (CHINA, None)
                self.rules, self.trouble = Rules.load(self._folder, zone, self._tree, classes), ""
            except WrongRules as error:
                log.warning("the rules stay as they were: %s", error)
                self.trouble = str(error)
        return self.rules


def _stamp(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return tuple((file.name, (stat := file.stat()).st_mtime_ns, stat.st_size) for file in files if file.is_file())
