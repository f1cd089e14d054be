"""What a line of progress says."""

import pytest

from mlpcli.cli.progress import figure


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0000"),
        (0.62341, "0.6234"),
        (1234567.0, "1234567.0000"),
        (4.17e-5, "4.1700e-05"),  # Keras' bar writes it so too
        (-2.5e-9, "-2.5000e-09"),
        (8.515e58, "8.5150e+58"),  # a loss on its way to divergence
    ],
)
def test_a_figure_is_neither_zero_by_rounding_nor_a_row_of_digits(value, text):
    assert figure(value) == text
    assert float(text) == pytest.approx(value, rel=1e-3)
