"""KPI routes: the rows of the API's table that are about the hall's numbers."""

from __future__ import annotations

from dashboard.web.cases import kpi
from dashboard.web.cases.case_replies import CaseList, LangQuery
from dashboard.web.cases.kpi_replies import IndicatorList, KpiCasesQuery, KpiQuery, MeasureReply
from dashboard.web.route import Route

__all__ = ["KPI"]

LIST = "The numbers of the hall, and how each is counted."
ONE = "One number of a period: what it is made of, what was left out, split, compared and ranked as asked."
CASES = "The cases behind a number: of its numerator, its denominator, or those that were left out."

KPI = (
    Route("/kpi", LIST, LangQuery, IndicatorList, kpi.indicators, capability="kpi"),
    Route("/kpi/{name}", ONE, KpiQuery, MeasureReply, kpi.indicator, capability="kpi"),
    Route("/kpi/{name}/cases", CASES, KpiCasesQuery, CaseList, kpi.kpi_cases, capability="kpi"),
)
