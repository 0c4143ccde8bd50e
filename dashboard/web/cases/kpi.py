"""KPI: what the API says of the hall's numbers: a list of them, one measured, and the cases behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dashboard.kpi import telling
from dashboard.kpi.compare import Change, Comparison, compare
from dashboard.kpi.grouping import CALENDAR, BadGrouping
from dashboard.kpi.indicators import INDICATORS, BadPart, behind, measure
from dashboard.kpi.paging import BadCursor
from dashboard.kpi.periods import Period
from dashboard.kpi.ranking import Place, ranking
from dashboard.kpi.register import Register
from dashboard.kpi.results import Group, Measure
from dashboard.web.cases.asked_kpi import address, filter_of, period_of
from dashboard.web.cases.case_replies import CaseList, LangQuery
from dashboard.web.cases.cases import names_of, shown
from dashboard.web.cases.kpi_replies import (
    ChangeReply,
    GroupReply,
    IndicatorList,
    IndicatorReply,
    KpiCasesQuery,
    KpiQuery,
    MeasureReply,
    RankingReply,
    RankReply,
)  # fmt: skip
from dashboard.web.cases.naming import Names
from dashboard.web.errors import BadQuestion, NotFound
from dashboard.web.people.permit import language, need
from dashboard.web.scene import Scene
from layouts.words import LANGS, WORDS, Say, say
from layouts.words_kpi import FORMULAS

__all__ = ["indicator", "indicators", "kpi_cases"]

Answer = TypeVar("Answer")


def indicators(scene: Scene, _asked: LangQuery) -> IndicatorList:
    speak = say(language())
    return IndicatorList(
        now=scene.clock.now(),
        indicators=[
            IndicatorReply(
                name=name, title=speak(f"kpi.{name}"), unit=one.unit, formula=_formula(speak, name), better=one.better
            )
            for name, one in INDICATORS.items()
        ],
    )


def indicator(scene: Scene, asked: KpiQuery, name: str) -> MeasureReply:
    _known(name)
    which, whole, now = filter_of(scene, asked), period_of(scene, asked), scene.clock.now()

    def work(register: Register) -> Measure | Comparison:
        if asked.compare:
            return compare(register, name, whole, now=now, by=asked.by, filter=which)
        return measure(
            register, name, start=whole.start, end=whole.end, by=asked.by, now=now, filter=which, zone=whole.zone
        )

    found = _count(scene, work)
    measured = found.this if isinstance(found, Comparison) else found
    telling_it = _Told(scene, asked, whole, say(language()), names_of(scene), measured)
    return telling_it.reply(now, found if isinstance(found, Comparison) else None)


def kpi_cases(scene: Scene, asked: KpiCasesQuery, name: str) -> CaseList:
    need("cases")
    _known(name)
    which, whole, now = filter_of(scene, asked), period_of(scene, asked), scene.clock.now()

    def work(register: Register) -> Any:
        return behind(
            register, name, asked.part, start=whole.start, end=whole.end, now=now, filter=which, cursor=asked.cursor,
            limit=asked.limit,
        )  # fmt: skip

    found = _count(scene, work)
    cases = scene.books.aside(lambda book: book.ledger.cases(found.case_ids))
    return CaseList(
        now=now, cases=[shown(scene, case, now) for case in cases], total=found.total, next=found.following or None
    )


def _known(name: str) -> None:
    if name not in INDICATORS:
        raise NotFound(f"there is no indicator {name[:60]}: /kpi lists them")


def _count(scene: Scene, work: Callable[[Register], Answer]) -> Answer:
    """Over all cases, as they are now; what cannot be asked gets a sentence."""
    try:
        return scene.books.count(work)
    except BadCursor as error:
        raise BadQuestion(f"cursor: {error}") from error
    except (BadGrouping, BadPart) as error:
        raise BadQuestion(str(error)) from error


def _formula(speak: Say, name: str) -> str:
    return FORMULAS[name][LANGS.index(speak.lang)]


@dataclass(frozen=True)
class _Told:
    """A measured number in the words of whoever asked."""

    scene: Scene
    asked: KpiQuery
    whole: Period
    say: Say
    names: Names
    measured: Measure

    def reply(self, now: float, compared: Comparison | None) -> MeasureReply:
        m = self.measured
        return MeasureReply(
            now=now, name=m.name, title=self.say(f"kpi.{m.name}"), value=m.value, unit=INDICATORS[m.name].unit,
            text=telling.whole(self.say, m, m.unit), numerator=m.numerator, denominator=m.denominator,
            period=m.period, at=m.at,
            formula=_formula(self.say, m.name), exclusions=m.exclusions, p90=m.p90, mean=m.mean, bands=m.bands,
            clock=self.say(f"kpi.clock.{m.clock}") if m.clock else "", by=list(m.by),
            behind=address(m.name, self.asked, self.whole), groups=[self.group(one) for one in m.groups],
            so_far=bool(compared and compared.so_far), compared=self.changes(compared), ranking=self.ranking(),
        )  # fmt: skip

    def group(self, one: Group) -> GroupReply:
        m = self.measured
        return GroupReply(
            keys=list(one.keys), names=self.called(one), value=one.value, text=telling.whole(self.say, one, m.unit),
            numerator=one.numerator, denominator=one.denominator, p90=one.p90, mean=one.mean, share=one.share,
            bands=one.bands, period=one.period, behind=address(m.name, self.asked, self.whole, self.split, one),
        )  # fmt: skip

    @property
    def split(self) -> tuple[str, ...]:
        """What the keys are of, but for the name of a part."""
        return tuple(name for name in self.measured.by if name not in CALENDAR)

    def called(self, one: Group) -> list[str]:
        """A group's keys as they are called; the last of a part is the part's name."""
        named = [_NAMED[word](self.names, key) if key else "" for word, key in zip(self.split, one.keys, strict=False)]
        return named + [self.part(key) for key in one.keys[len(named) :]]

    def part(self, key: str) -> str:
        return next((self.say(word) for word in (f"kpi.hop.{key}", f"step.{key}") if word in WORDS), key)

    def changes(self, compared: Comparison | None) -> list[ChangeReply]:
        if compared is None:
            return []
        return [
            self.change("kpi.last", compared.on_last, compared.last),
            self.change("kpi.year", compared.on_year, compared.year),
        ]

    def change(self, label: str, made: Change, that: Measure) -> ChangeReply:
        return ChangeReply(
            label=self.say(label), kind=made.kind, change=made.value, text=telling.change(self.say, made),
            better=made.better, value=that.value, value_text=telling.whole(self.say, that, that.unit),
            numerator=that.numerator, denominator=that.denominator, period=that.period,
        )  # fmt: skip

    def ranking(self) -> RankingReply | None:
        if not self.asked.rank:
            return None
        try:
            found = ranking(self.measured, self.asked.rank, self.asked.minimum)
        except ValueError as error:
            raise BadQuestion(f"rank: {error}") from error
        return RankingReply(
            best=[self.place(one) for one in found.best], worst=[self.place(one) for one in found.worst],
            few=[self.group(one) for one in found.few],
        )  # fmt: skip

    def place(self, one: Place) -> RankReply:
        return RankReply(rank=one.rank, tie=one.tie, group=self.group(one.group))


_NAMED: dict[str, Callable[[Names, str], str]] = {
    "district": Names.area, "street": Names.area, "community": Names.area, "grid": Names.grid,
    "department": Names.department, "class": Names.class_name, "top_class": Names.class_name,
    "handler": lambda _names, key: key, "post": lambda _names, key: key, "origin": lambda _names, key: key,
    "source": lambda names, key: names.word("source", key), "level": lambda names, key: names.word("level", key),
    "step": lambda names, key: names.word("step", key),
}  # fmt: skip
