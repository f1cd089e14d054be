"""Pages and papers of reports say what they are about, and the links of a page have names of their own."""

import re
from html import unescape

import pytest
from cli_support import Run, Trained

FORMS = ["markdown", "latex", "html"]
TITLE = {"markdown": r"^# (.*)$", "latex": r"\\section\*\{(.*)\}", "html": r"<h1>(.*)</h1>"}


def title_of(text: str, form: str) -> str:
    (title,) = re.findall(TITLE[form], text, re.MULTILINE)
    return str(title)


@pytest.mark.parametrize("form", FORMS)
def test_a_training_names_its_data_and_its_network(mlp: Run, form: str) -> None:
    text = mlp("train", "--dataset", "iris", "--hidden", "5", "--epochs", 2, "-f", form, "-q").out
    assert title_of(text, form) == "Training on iris"
    assert f"Network 4-5-3, {4 * 5 + 5 + 5 * 3 + 3} parameters" in text.replace("{}", "")


@pytest.mark.parametrize("form", FORMS)
def test_an_evaluation_names_its_data_and_its_network(mlp: Run, iris: Trained, form: str) -> None:
    text = mlp("evaluate", "-w", iris.weights, "-f", form).out
    title = f"Evaluation on iris, test set: network 4-16-3, {4 * 16 + 16 + 16 * 3 + 3} parameters"
    assert title_of(text, form).replace("{}", "") == title


@pytest.mark.parametrize("form", FORMS)
def test_an_estimate_names_its_network_and_how_many_samples(mlp: Run, form: str) -> None:
    text = mlp(
        "estimate-runtime",
        "--layers",
        "4,5,3",
        "--samples",
        100,
        "--validation",
        0,
        "--test",
        0,
        "--no-measure",
        "-f",
        form,
    ).out
    title = "Cost of training on 100 samples: network 4-5-3, 43 parameters"
    assert title_of(text, form).replace("{}", "") == title


def test_the_table_has_no_title_of_its_own(mlp: Run, iris: Trained) -> None:
    assert mlp("evaluate", "-w", iris.weights).out.startswith("iris, test set\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["estimate-runtime", "--no-measure"],
        ["functions"],
        ["backprop-trace", "--steps", 2, "--optimizer", "adam", "--l2", 0.1],
        ["backprop-trace", "--x", "1.8,0.5; 0.3,1.2", "--y", "1,0,0; 0,1,0", "--explain"],
        ["backprop-trace", "--exercise", "--solution", "-", "-o", "sheet.html"],
    ],
    ids=str,
)  # fmt: skip
def test_links_that_lead_to_different_places_have_different_names(mlp: Run, arguments: list[object]) -> None:
    page = mlp(*arguments, "-f", "html").out
    places: dict[str, set[str]] = {}
    for attributes, text in re.findall(r"<a ([^>]*)>(.*?)</a>", page):
        label = re.search(r'aria-label="([^"]*)"', attributes)
        name = unescape(label[1] if label else re.sub("<[^>]*>", "", text))
        visible = unescape(re.sub("<[^>]*>", "", text))
        assert name.startswith(visible)  # what one sees is what one may say
        places.setdefault(name, set()).add(attributes.split('href="')[1].split('"')[0])
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
    assert len(places) > 2
