"""Case pages: a case is walked from its report to its appraisal by clicking; others' moves appear by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from casework import HOSTILE, Hall, hall
from playwright.sync_api import Browser, Page, expect, sync_playwright
from test_case_api import PNG

from dashboard.bench.chrome import FLAGS
from dashboard.bus.embedded import Embedded, wheel_server

pytestmark = pytest.mark.browser
SIZES = ((1920, 1080), (3840, 2160))


@pytest.fixture(scope="module")
def west(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    redis = Embedded(tmp_path_factory.mktemp("redis"), wheel_server())
    with redis as server, hall(server.start(), tmp_path_factory.mktemp("hall")) as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def errors() -> list[str]:
    return []


def seat(chromium: Browser, west: Hall, who: str, errors: list[str], size: tuple[int, int] = SIZES[0]) -> Page:
    """A browser that shows the key of one of our people with all it asks for."""
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, extra_http_headers={"Authorization": f"Bearer {west.keys[who]}"}
    )
    page = context.new_page()
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("dialog", lambda dialog: errors.append(f"a dialog: {dialog.message}"))
    return page


def do(page: Page, move: str, **fields: str) -> None:
    """Click the button of a move, fill its form, send it, and see that it is done."""
    page.locator(f"button[data-move={move}]").click()
    for name, value in fields.items():
        page.locator(f".act-form [name={name}]").fill(value)
    page.locator(".act-form .main").click()
    expect(page.locator(".act-status[data-kind=done]")).to_be_visible(timeout=15_000)


def test_a_case_is_walked_from_report_to_appraisal_by_clicking(
    west: Hall, chromium: Browser, errors: list[str]
) -> None:
    case_id = west.report("li", text=HOSTILE, address=HOSTILE)["case_id"]
    address = f"{west.url}/case?id={case_id}&lang=en"
    steps: list[tuple[str, str, dict[str, str], str]] = [
        ("li", "dispatch", {"department": "law", "note": HOSTILE}, "Dispatched"),
        ("crew", "accept", {}, "Dispatched"),
        ("crew", "handle", {"note": "the cover is back"}, "Handled"),
        ("chen", "verify", {}, "Verified"),
        ("li", "archive", {}, "Archived"),
        ("qian", "appraise", {"score": "92"}, "Appraised"),
    ]
    for who, move, fields, step in steps:
        page = seat(chromium, west, who, errors)
        page.goto(address)
        do(page, move, **fields)
        expect(page.locator("[aria-current=step] b")).to_have_text(step, timeout=15_000)
        page.context.close()
    assert west.read("boss", f"/cases/{case_id}")["case"]["step"] == "appraised"
    page = seat(chromium, west, "boss", errors)
    page.goto(address)
    expect(page.locator(".case-trail tbody tr")).to_have_count(7, timeout=15_000)
    assert HOSTILE in page.locator("blockquote").inner_text()
    assert page.title() == "Gridhall" and not page.locator("img[src=x], blockquote script").count()
    page.context.close()
    assert errors == []


def test_a_colleagues_move_appears_and_the_loser_is_told_who_won(
    west: Hall, chromium: Browser, errors: list[str]
) -> None:
    case_id = west.report("li")["case_id"]
    page = seat(chromium, west, "li", errors)
    page.goto(f"{west.url}/case?id={case_id}&lang=en")
    page.locator("button[data-move=dispatch]").click()
    page.locator(".act-form [name=department]").fill("law")
    west.move("sun", case_id, "dispatch", department="water")
    expect(page.locator("[aria-current=step] b")).to_have_text("Dispatched", timeout=15_000)
    expect(page.locator(".case-trail tbody tr")).to_have_count(2)
    page.locator(".act-form .main").click()
    expect(page.locator(".act-status[data-kind=lost]")).to_contain_text("sun was quicker", timeout=15_000)
    assert west.read("sun", f"/cases/{case_id}")["case"]["department"] == "water"
    page.context.close()
    assert errors == []


def test_a_refusal_is_said_beside_the_form(west: Hall, chromium: Browser, errors: list[str]) -> None:
    case_id = west.report("li")["case_id"]
    page = seat(chromium, west, "li", errors)
    page.goto(f"{west.url}/case?id={case_id}&lang=en")
    page.locator("button[data-move=dispatch]").click()
    page.locator(".act-form .main").click()
    expect(page.locator(".act-status[data-kind=refused]")).to_contain_text("a department or a person", timeout=15_000)
    expect(page.locator(".act-form")).to_be_visible()
    page.context.close()


def test_a_photo_goes_with_the_move_that_it_proves(
    west: Hall, chromium: Browser, errors: list[str], tmp_path: Any
) -> None:
    case_id = west.report("li")["case_id"]
    west.move("li", case_id, "dispatch", department="law")
    west.move("crew", case_id, "accept")
    photo = tmp_path / "after.png"
    photo.write_bytes(PNG)
    page = seat(chromium, west, "crew", errors)
    page.goto(f"{west.url}/case?id={case_id}&lang=en")
    page.locator("button[data-move=handle]").click()
    page.locator(".act-form [name=proof]").set_input_files(str(photo))
    page.locator(".act-form .main").click()
    expect(page.locator(".act-status[data-kind=done]")).to_be_visible(timeout=15_000)
    expect(page.locator(".case-files img")).to_have_count(1, timeout=15_000)
    assert page.locator(".case-files img").evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    page.context.close()
    assert errors == []


def test_who_reported_is_shown_on_a_click_and_only_to_those_who_may(
    west: Hall, chromium: Browser, errors: list[str]
) -> None:
    case_id = west.report("li", reporter_name="张三", reporter_phone="13800000000")["case_id"]
    page = seat(chromium, west, "li", errors)
    page.goto(f"{west.url}/case?id={case_id}&lang=en")
    button = page.get_by_role("button", name="Show who reported")
    expect(button).to_be_visible(timeout=15_000)
    assert "13800000000" not in page.content()
    button.click()
    expect(page.locator(".personal dd").last).to_have_text("13800000000", timeout=15_000)
    page.context.close()
    page = seat(chromium, west, "boss", errors)
    page.goto(f"{west.url}/case?id={case_id}&lang=en")
    expect(page.locator("button.act").first).to_be_visible(timeout=15_000)
    assert not page.get_by_role("button", name="Show who reported").count()
    page.context.close()


def test_a_list_is_asked_by_its_form_follows_changes_and_opens_its_cases(
    west: Hall, chromium: Browser, errors: list[str]
) -> None:
    case_id = west.report("li", text=HOSTILE)["case_id"]
    page = seat(chromium, west, "sun", errors)
    page.goto(f"{west.url}/cases?open=true&lang=en")
    expect(page.locator("#case-rows")).to_contain_text(case_id, timeout=15_000)
    page.locator("select[name=step]").select_option("reported")
    page.locator(".conditions .main").click()
    page.wait_for_url(re.compile("step=reported"))
    row = page.locator("#case-rows tr", has_text=case_id)
    expect(row).to_be_visible(timeout=15_000)
    later = west.report("li")["case_id"]
    expect(page.locator("#case-rows")).to_contain_text(later, timeout=15_000)
    west.move("li", case_id, "dispatch", department="law")
    expect(row).to_have_count(0, timeout=15_000)
    page.locator("#case-rows a.number-link", has_text=later).click()
    expect(page.locator(".case-number")).to_have_text(later, timeout=15_000)
    page.context.close()
    assert errors == []


def test_a_case_is_merged_by_a_click_into_one_that_it_is_like(west: Hall, chromium: Browser, errors: list[str]) -> None:
    place = {"class_code": "CB02", "lon": 116.043, "lat": 40.073}
    first, second = west.report("li", **place)["case_id"], west.report("li", **place)["case_id"]
    page = seat(chromium, west, "li", errors)
    page.goto(f"{west.url}/case?id={second}&lang=en")
    line = page.locator(".case-similar li", has_text=first)
    expect(line).to_contain_text("may be the same · 0 m away", timeout=15_000)
    line.get_by_role("button", name="Merge into it").click()
    expect(page.locator(".act-form [name=into]")).to_have_value(first)
    page.locator(".act-form .main").click()
    expect(page.locator(".act-status[data-kind=done]")).to_be_visible(timeout=15_000)
    assert west.read("li", f"/cases/{second}")["case"]["merged_into"] == first
    page.context.close()
    assert errors == []


def test_a_list_is_searched_by_words_and_by_what_waits(west: Hall, chromium: Browser, errors: list[str]) -> None:
    waits = west.report("li", text="a humming transformer", source="hotline")["case_id"]
    other = west.report("li", text="a humming bird")["case_id"]
    page = seat(chromium, west, "sun", errors)
    page.goto(f"{west.url}/cases?lang=en")
    page.locator(".conditions [name=q]").fill("humming")
    page.locator("select[name=flag]").select_option("waiting_answer")
    page.locator(".conditions .main").click()
    page.wait_for_url(re.compile("q=humming.*flag=waiting_answer"))
    expect(page.locator("#case-rows")).to_contain_text(waits, timeout=15_000)
    expect(page.locator("#case-rows")).not_to_contain_text(other)
    expect(page.locator(".conditions [name=q]")).to_have_value("humming")
    expect(page.locator("select[name=flag]")).to_have_value("waiting_answer")
    page.locator("select[name=pending]").select_option("park")
    page.locator(".conditions .main").click()
    expect(page.locator("#case-rows .empty")).to_be_visible(timeout=15_000)
    page.context.close()
    assert errors == []


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_is_cut_or_overlaps_at_any_size(
    west: Hall, chromium: Browser, errors: list[str], size: tuple[int, int]
) -> None:
    case_id = west.report("li")["case_id"]
    for address in ("/cases?open=true&lang=en", f"/case?id={case_id}&lang=en"):
        page = seat(chromium, west, "li", errors, size)
        page.goto(west.url + address)
        expect(page.locator("button.act, .act.main").first).to_be_visible(timeout=15_000)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, address
        page.context.close()


def test_a_list_ordered_by_when_cases_were_reported_says_when_that_was(
    west: Hall, chromium: Browser, errors: list[str]
) -> None:
    older, newer = (west.report("li")["case_id"] for _ in range(2))
    page = seat(chromium, west, "boss", errors)
    page.goto(f"{west.url}/cases?open=true&order=reported_at&descending=false&lang=en")
    expect(page.locator("#case-rows th").last).to_have_text("Reported", timeout=15_000)
    expect(page.locator("#case-rows tbody tr").first.locator("td").last).to_contain_text("ago")
    oldest_first = page.locator(".number-link").all_inner_texts()
    assert oldest_first.index(older) < oldest_first.index(newer)
    page.goto(f"{west.url}/cases?open=true&lang=en")
    expect(page.locator("#case-rows th").last).to_have_text("Marks", timeout=15_000)
    page.context.close()
    assert errors == []


def test_a_case_that_is_not_yours_is_not_shown(west: Hall, chromium: Browser, errors: list[str]) -> None:
    case_id = west.report("li", text="a secret")["case_id"]
    page = seat(chromium, west, "zhao", errors)
    page.goto(f"{west.url}/case?id={case_id}&lang=en")
    expect(page.locator("#sorry")).to_be_visible(timeout=15_000)
    assert "a secret" not in page.content()
    page.context.close()
