"""Networks that several tests of the command line use, trained once."""

import random
from pathlib import Path

import pytest
from cli_support import Trained, iris_rows, train_in, write_csv


@pytest.fixture(scope="session")
def iris(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A network trained on Iris with the defaults."""
    return train_in(tmp_path_factory.mktemp("iris"), "--dataset", "iris")


@pytest.fixture(scope="session")
def iris_file(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A network trained on Iris as a file of one's own, `flowers.csv` in its folder."""
    folder = tmp_path_factory.mktemp("iris_file")
    write_csv(folder / "flowers.csv", ("sl", "sw", "pl", "pw", "species"), iris_rows())
    return train_in(folder, "--data", folder / "flowers.csv", "--target", "species", "--epochs", 100)


@pytest.fixture(scope="session")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A network that tells low p from high p; q says nothing. `points.csv` lies in its folder."""
    folder = tmp_path_factory.mktemp("halves")
    write_csv(folder / "points.csv", ("p", "q", "side"), halves_rows())
    return train_in(folder, "--data", folder / "points.csv", "--target", "side", "--lr", 0.05, "--epochs", 60)


def halves_rows() -> list[tuple[float, float, str]]:
    """Points in a square, and on which side of p = 5 they lie."""
    draw = random.Random(1)
    points = [(round(draw.uniform(0, 10), 3), round(draw.uniform(-3, 3), 3)) for _ in range(80)]
    return [(p, q, "high" if p > 5 else "low") for p, q in points]


@pytest.fixture
def points(halves: Trained) -> Path:
    """The file that `halves` was trained on."""
    return halves.folder / "points.csv"
