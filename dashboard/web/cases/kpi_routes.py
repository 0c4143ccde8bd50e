"""KPI routes: the rows of the API's table that are about the hall's numbers."""

from __future__ import annotations

from dashboard.web.cases import kpi, kpi_exports
from dashboard.web.cases.case_replies import CaseList, LangQuery
from dashboard.web.cases.kpi_exports import KpiCasesExport, KpiExport
from dashboard.web.cases.kpi_replies import IndicatorList, KpiCasesQuery, KpiQuery, MeasureReply
from dashboard.web.route import CSV, XLSX, Route

__all__ = ["KPI"]

LIST = "The numbers of the hall, and how each is counted."
ONE = "One number of a period: what it is made of, what was left out, split, compared and ranked as asked."
CASES = "The cases behind a number: of its numerator, its denominator, or those that were left out."
TABLE = "The same number as {}: a row for the whole, and one for each group of the split."
TABLE_CASES = "All cases behind a number as {}, in the field names that cities hand each other."

KPI = (
    Route("/kpi", LIST, LangQuery, IndicatorList, kpi.indicators, capability="kpi"),
    Route("/kpi/{name}", ONE, KpiQuery, MeasureReply, kpi.indicator, capability="kpi"),
    Route("/kpi/{name}/cases", CASES, KpiCasesQuery, CaseList, kpi.kpi_cases, capability="kpi"),
    Route("/kpi/{name}.csv", TABLE.format("CSV"), KpiExport, None, kpi_exports.groups_csv, CSV, "kpi"),
    Route("/kpi/{name}.xlsx", TABLE.format("a workbook"), KpiExport, None, kpi_exports.groups_xlsx, XLSX, "kpi"),
    Route(
        "/kpi/{name}/cases.csv", TABLE_CASES.format("CSV"), KpiCasesExport, None, kpi_exports.cases_csv, CSV, "kpi",
    ),
    Route(
        "/kpi/{name}/cases.xlsx", TABLE_CASES.format("a workbook"), KpiCasesExport, None, kpi_exports.cases_xlsx, XLSX,
        "kpi",
    ),
)  # fmt: skip
