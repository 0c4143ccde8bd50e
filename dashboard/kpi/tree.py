"""Tree: which classes hang below which, by their codes."""

from __future__ import annotations

from collections.abc import Mapping

from feeds.city import Classes

__all__ = ["Tree", "tree"]


class Tree:
    """parents: class_code → the one above, "" at the top. A code that nobody has told of stands alone."""

    def __init__(self, parents: Mapping[str, str]) -> None:
        self.parents = parents
        self._below: dict[str, frozenset[str]] = {}

    def top(self, code: str) -> str:
        """The one at the top of its branch."""
        seen = {code}
        while (above := self.parents.get(code, "")) and above not in seen:
            code = above
            seen.add(above)
        return code

    def below(self, code: str) -> frozenset[str]:
        """Itself and all under it."""
        if code not in self._below:
            branch, more = {code}, {code}
            while more := {child for child, parent in self.parents.items() if parent in more} - branch:
                branch |= more
            self._below[code] = frozenset(branch)
        return self._below[code]


def tree(classes: Classes) -> Tree:
    codes = [str(code) for code in classes.class_code]
    return Tree(
        {code: codes[row] if row >= 0 else "" for code, row in zip(codes, classes.parent.tolist(), strict=True)}
    )
