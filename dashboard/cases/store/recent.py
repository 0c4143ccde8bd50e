"""Recent: cases as this process last saw them under lock: so they still are while the end of their chain is the same.

A case is the fold of its entries, and the hash at the end of a chain stands for every entry in it. So whoever holds a
chain's lock and finds the hash there that was left need not read those cases again; any other hash, and all of that
chain are forgotten. After a commit of which nobody knows whether it was one, either holds by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping

from dashboard.cases.case import Case
from dashboard.cases.store.lines import Head

__all__ = ["Recent"]

#: Cases of one chain at most; then the half that was not seen for longest is forgotten. A case takes some 2 KB.
MOST = 256


class _Chain:
    """Cases as they were when `head` was the end of their chain; who was seen last is last."""

    def __init__(self) -> None:
        self.head: Head | None = None
        self.cases: dict[str, Case] = {}
        self.reports: dict[tuple[str, str], str] = {}

    def keep(self, cases: Iterable[Case]) -> None:
        for case in cases:
            self.cases.pop(case.case_id, None)
            self.cases[case.case_id] = case
            self.reports[case.origin, case.report_id] = case.case_id
        if len(self.cases) > MOST:
            self._forget(len(self.cases) - MOST // 2)

    def _forget(self, count: int) -> None:
        for case_id in list(self.cases)[:count]:
            case = self.cases.pop(case_id)
            del self.reports[case.origin, case.report_id]


class Recent:
    """One a ledger, for all its threads."""

    def __init__(self) -> None:
        self._chains: dict[str, _Chain] = {}
        self._mutex = threading.Lock()

    def known(self, heads: Mapping[str, Head], named: Iterable[str]) -> list[Case]:
        """Those of these case_ids that need not be read. heads: of the locked chains, as they were found."""
        with self._mutex:
            chains = self._sound(heads)
            return [chain.cases[name] for name in named for chain in chains if name in chain.cases]

    def reported(self, heads: Mapping[str, Head], reports: Iterable[tuple[str, str]]) -> list[Case]:
        """Those of these (origin, report_id) that need not be read."""
        with self._mutex:
            chains = self._sound(heads)
            return [chain.cases[chain.reports[one]] for one in reports for chain in chains if one in chain.reports]

    def leave(self, before: Mapping[str, Head], after: Mapping[str, Head], cases: Iterable[Case]) -> None:
        """A transaction was committed: the ends of its chains as it found and as it left them, and all that it saw."""
        seen: dict[str, list[Case]] = {}
        for case in cases:
            seen.setdefault(case.district, []).append(case)
        with self._mutex:
            for district, new in seen.items():
                chain = self._chains.get(district)
                if chain is None or chain.head != before[district]:
                    chain = self._chains[district] = _Chain()
                chain.head = after[district]
                chain.keep(new)

    def _sound(self, heads: Mapping[str, Head]) -> list[_Chain]:
        chains = self._chains
        return [
            chains[district] for district, head in heads.items() if district in chains and chains[district].head == head
        ]
