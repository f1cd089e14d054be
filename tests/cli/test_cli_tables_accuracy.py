"""Tables with the columns of Titanic, adult and abalone are learned as well as by scikit-learn's pipeline.

The rows are drawn here, from laws that words take part in. Both learn the same rows with the same settings and are
judged on the same others.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run

Row = list[object]
SEEDS = (1, 2)


def titanic(draw: np.random.Generator) -> Row:
    sex, place = draw.choice(["male", "female"], p=[0.65, 0.35]), int(draw.integers(1, 4))
    age = "" if draw.random() < 0.2 else round(float(draw.gamma(6, 5)), 1)
    port = "" if draw.random() < 0.01 else draw.choice(["C", "Q", "S"])
    chance = 1 / (1 + np.exp(2.2 - 3 * (sex == "female") - 0.9 * (3 - place)))
    lives = "yes" if draw.random() < chance else "no"
    return [place, sex, age, int(draw.poisson(0.5)), round(float(draw.exponential(30) / place), 2), port, lives]


def adult(draw: np.random.Generator) -> Row:
    schools = ["HS-grad", "Some-college", "Bachelors", "Masters", "Doctorate", "11th"]
    school = int(draw.integers(len(schools)))
    married = draw.choice(["Married", "Divorced", "Never-married"])
    age, hours = int(draw.integers(17, 80)), int(draw.normal(40, 10))
    score = (
        0.6 * schools.index("Doctorate") * (school in (2, 3, 4)) / 2 + 1.5 * (married == "Married") + hours / 20 - 4.5
    )
    job = draw.choice(["Private", "State-gov", "?", "Self-emp"])
    return [age, job, schools[school], married, hours, ">50K" if score + draw.logistic() * 0.5 > 0 else "<=50K"]


def abalone(draw: np.random.Generator) -> Row:
    sex, length = draw.choice(["M", "F", "I"]), float(draw.beta(6, 4))
    diameter, height = length * draw.normal(0.8, 0.02), length * draw.normal(0.27, 0.02)
    rings = 3 + 10 * length + 2.5 * (sex == "F") - 2 * (sex == "I") + draw.normal(0, 1)
    return [sex, *(round(float(value), 4) for value in (length, diameter, height)), round(float(rings), 2)]


TABLES: dict[str, tuple[Callable[[np.random.Generator], Row], list[str], list[str], float]] = {
    "titanic": (titanic, ["Pclass", "Sex", "Age", "SibSp", "Fare", "Embarked", "Survived"], ["Sex", "Embarked"], 0.03),
    "adult": (adult, ["age", "work", "school", "marital", "hours", "income"], ["work", "school", "marital"], 0.03),
    "abalone": (abalone, ["Sex", "Length", "Diameter", "Height", "Rings"], ["Sex"], 0.05),
}


def written(path: Path, header: list[str], rows: list[Row]) -> None:
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def by_scikit_learn(train: list[Row], test: list[Row], header: list[str], words: list[str], seed: int) -> float:
    """Accuracy, or R² of a regression, of OneHotEncoder, StandardScaler and an MLP of 16 units."""
    from sklearn.compose import make_column_transformer  # not where tests are collected: it takes two seconds
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    of_words = [header.index(name) for name in words]
    others = [k for k in range(len(header) - 1) if k not in of_words]
    category = make_pipeline(
        SimpleImputer(missing_values="", strategy="most_frequent"), OneHotEncoder(drop="if_binary")
    )
    number = make_pipeline(SimpleImputer(), StandardScaler())
    prepared = make_column_transformer((category, of_words), (number, others))
    settings = {"hidden_layer_sizes": (16,), "batch_size": 16, "max_iter": 30, "random_state": seed, "alpha": 0.0}

    def table(rows: list[Row]) -> tuple[np.ndarray, np.ndarray]:
        cells = [[np.nan if cell == "" and k in others else cell for k, cell in enumerate(row)] for row in rows]
        cells = [["" if k in of_words and cell in ("", "?") else cell for k, cell in enumerate(row)] for row in cells]
        return np.array([row[:-1] for row in cells], object), np.array([row[-1] for row in cells])

    (x, y), (later, truth) = table(train), table(test)
    if y.dtype.kind == "U":
        return float(make_pipeline(prepared, MLPClassifier(**settings)).fit(x, y).score(later, truth))
    y, truth = y.astype(float), truth.astype(float)
    net = make_pipeline(prepared, MLPRegressor(**settings)).fit(x, (y - y.mean()) / y.std())
    return float(net.score(later, (truth - y.mean()) / y.std()))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("name", TABLES)
def test_words_are_learned_as_well_as_by_scikit_learn(mlp: Run, tmp_path: Path, name: str) -> None:
    make, header, words, room = TABLES[name]
    draw = np.random.default_rng(7)
    rows = [make(draw) for _ in range(900)]
    train, test = rows[:600], rows[600:]
    written(tmp_path / "train.csv", header, train)
    written(tmp_path / "test.csv", header, test)
    ours, theirs = [], []
    for seed in SEEDS:
        said = ["--missing", "mean", "--test", 0, "--validation", 0, "--epochs", 30, "--seed", seed]
        done = mlp("train", "--data", "train.csv", *said)
        assert done.code == 0, done.err
        found = json.loads(mlp("evaluate", "--weights", "w.json", "--data", "test.csv", "--format", "json").out)
        ours.append(found["accuracy"] if "accuracy" in found else found["r2"])
        theirs.append(by_scikit_learn(train, test, header, words, seed))
    assert np.mean(ours) > np.mean(theirs) - room
    assert np.mean(ours) > 0.6  # so that there is something to learn
