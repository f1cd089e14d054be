"""The page in a real browser: a click shows the sum, also without JavaScript; light and dark, wide and narrow."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import CHROMIUM, Page, chromium
from cli_support import Trained, run_in, strict_json

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")

FIRST = ".forward .value a.number"  # a₁⁽¹⁾
PAGES = {
    "lecture": ["backprop-trace"],
    "rule": ["backprop-trace", "--rule", "lecture", "--round-steps", "2"],
    "check": ["backprop-trace", "--check"],
    "adam": ["backprop-trace", "--layers", "4,8,3", "--optimizer", "adam", "--l2", "0.1", "--steps", "2"],
    "exercise": ["backprop-trace", "--exercise"],
    "large": ["backprop-trace", "--layers", "784,16,10"],
    "whole": ["backprop-trace", "--layers", "3,20,2", "--whole"],
    "evaluate": ["evaluate", "--weights", "{iris}"],
    "forward": ["forward", "--weights", "{iris}", "--x", "5.1,3.5,1.4,0.2; 6,3,5,2"],
    "predict": ["forward", "--weights", "{iris}", "--dataset", "iris"],
    "train": ["train", "--dataset", "iris", "--epochs", "2", "--output", "w.json"],
    "inspect": ["inspect", "{iris}"],
    "datasets": ["datasets"],
}


@pytest.fixture(scope="module")
def pages(iris: Trained, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file for each page."""
    folder = tmp_path_factory.mktemp("pages")
    for name, words in PAGES.items():
        done = run_in(folder, *(str(iris.weights) if word == "{iris}" else word for word in words), "--format", "html")
        assert done.returncode == 0, done.stderr
        (folder / f"{name}.html").write_text(done.stdout)
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def page(browser: Page) -> Page:
    """The browser as one finds it: with JavaScript, light, on a desk."""
    browser.send("Emulation.setScriptExecutionDisabled", value=False)
    look(browser, "light")
    resize(browser, 1200)
    return browser


def look(page: Page, scheme: str) -> None:
    page.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def resize(page: Page, width: int) -> None:
    page.send("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)


def bubble(page: Page) -> str | None:
    """What stands beside the number; None while it is hidden."""
    text: str | None = page.value("document.getElementById('bubble').hidden ? null : bubble.innerText")
    return text and re.sub(r"\s+", " ", text)


SUM = "a 1 (1) = 0.2 + 0.1·1.8 + (−0.2)·0.5 = 0.28"  # by hand from the slide's weights


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_without_a_request_or_a_complaint(page: Page, pages: dict[str, Path], name: str) -> None:
    page.open(pages[name])
    asked = [e["params"]["request"]["url"] for e in page.events if e["method"] == "Network.requestWillBeSent"]
    said = [e for e in page.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
    assert (asked, said) == ([pages[name].as_uri()], [])
    assert page.value("document.compatMode") == "CSS1Compat"


@pytest.mark.parametrize("name", PAGES)
def test_no_page_scrolls_sideways(page: Page, pages: dict[str, Path], name: str) -> None:
    page.open(pages[name])
    for width in (320, 400, 1200):
        resize(page, width)
        assert page.value("innerWidth") == width
        assert page.value("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_click_shows_the_sum_and_another_hides_it(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["lecture"])
    assert bubble(page) is None
    page.click(FIRST)
    assert bubble(page) == SUM
    assert page.value("location.hash") == ""  # the page has stayed where it was
    page.click(FIRST)
    assert bubble(page) is None


@pytest.mark.parametrize("width", [320, 1200])
def test_the_sum_stands_near_its_number_and_within_the_window(page: Page, pages: dict[str, Path], width: int) -> None:
    resize(page, width)
    page.open(pages["lecture"])
    for number in ("a.number", ".update .value a.number"):
        page.click(number)
        box = page.value("document.getElementById('bubble').getBoundingClientRect().toJSON()")
        line = page.value("shown.closest('.line').getBoundingClientRect().toJSON()")
        assert min(abs(box["top"] - line["bottom"]), abs(box["bottom"] - line["top"])) < 1
        assert box["left"] >= 0
        assert box["right"] <= page.value("document.documentElement.clientWidth")


def test_the_keyboard_opens_and_closes(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["lecture"])
    page.value(f"document.querySelector({FIRST!r}).focus()")
    page.press("Enter")
    assert bubble(page) == SUM
    assert page.value("document.activeElement.getAttribute('aria-expanded')") == "true"
    page.press("Escape")
    assert bubble(page) is None
    assert page.value("document.activeElement.getAttribute('aria-expanded')") == "false"


def test_the_numbers_that_went_into_the_sum_are_marked(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["lecture"])
    page.click(FIRST)
    taken = "[...document.querySelectorAll('.took')].map((cell) => cell.textContent)"
    assert page.value(taken) == ["0.2000", "0.1000", "−0.2000", "1.8000", "0.5000"]  # of b, W and x in SUM
    page.press("Escape")
    assert page.value(taken) == []


def test_a_number_inside_a_formula_shows_how_it_was_computed(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["lecture"])
    page.click(".inserted a.number")  # in h⁽¹⁾ = relu(a⁽¹⁾)
    assert bubble(page) == SUM


def test_sums_are_folded_away_until_asked_for(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["lecture"])
    line = "document.querySelector('.sums li').checkVisibility({contentVisibilityAuto: true})"
    assert page.value("document.querySelectorAll('details[open]').length") == 0
    assert not page.value(line)
    page.click(".sums summary")
    assert page.value(line)


def test_without_javascript_a_click_leads_to_the_sum(page: Page, pages: dict[str, Path]) -> None:
    page.send("Emulation.setScriptExecutionDisabled", value=True)
    page.open(pages["lecture"])
    assert page.value("document.querySelectorAll('.sums:not([open])').length") == 0
    page.click(FIRST)
    assert re.sub(r"\s+", " ", page.value("document.querySelector(':target').innerText")) == SUM
    background = "getComputedStyle(document.querySelector('{}')).backgroundColor"
    assert page.value(background.format(":target")) != page.value(background.format("li:not(:target)"))
    box = page.value("document.querySelector(':target').getBoundingClientRect().toJSON()")
    assert 0 <= box["top"] < box["bottom"] <= 800


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "selector", ["body", "h2", "nav a", ".matrix td", ".sums summary", ".hint", ".took", "#bubble"]
)
def test_all_is_readable_by_day_and_by_night(page: Page, pages: dict[str, Path], scheme: str, selector: str) -> None:
    """A contrast of at least 4.5 to 1, as WCAG asks for text."""
    look(page, scheme)
    page.open(pages["lecture"])
    page.click(FIRST)
    ink, *papers = page.value(
        f"""(() => {{
          const found = [], style = (e) => getComputedStyle(e);
          let element = document.querySelector({selector!r});
          found.push(style(element).color);
          for (; element; element = element.parentElement) found.push(style(element).backgroundColor);
          return found;
        }})()"""
    )
    paper = next(colour for colour in papers if colour != "rgba(0, 0, 0, 0)")
    darker, lighter = sorted((luminance(ink), luminance(paper)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
    assert (luminance(ink) > luminance(paper)) == (scheme == "dark") or selector == ".took"


def luminance(colour: str) -> float:
    """WCAG 2's relative luminance of `rgb(1, 2, 3)`."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_blank_takes_what_is_typed(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["exercise"])
    page.click(".forward .blank")
    page.send("Input.insertText", text="0.28")
    assert page.value("document.querySelector('.blank').value") == "0.28"
    page.press("Tab")
    assert page.value("document.activeElement === document.querySelectorAll('.blank')[1]")


def test_the_page_shows_the_figures_of_the_json_document(page: Page, pages: dict[str, Path], tmp_path: Path) -> None:
    page.open(pages["lecture"])
    (step,) = strict_json(run_in(tmp_path, "backprop-trace", "--format", "json").stdout)["steps"]
    for raised, layer in zip(("⁽¹⁾", "⁽²⁾"), step["layers"], strict=True):
        cells = f"document.querySelectorAll('[aria-label=\"new W{raised}\"] td')"
        numbers = page.value(f"[...{cells}].map((cell) => Number(cell.title))")
        assert numbers == [value for row in layer["W_new"] for value in row]


def test_printed_it_has_no_contents_and_nothing_folded(page: Page, pages: dict[str, Path]) -> None:
    page.open(pages["lecture"])
    page.send("Emulation.setEmulatedMedia", media="print")
    hidden = [page.value(f"getComputedStyle(document.querySelector('{s}')).display") for s in ("nav", ".sums", ".hint")]
    assert hidden == ["none", "none", "none"]
    assert page.value("getComputedStyle(document.querySelector('.forward .formula')).display") == "block"
