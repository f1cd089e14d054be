"""What is said of --scheduler before anything is trained."""

from importlib.util import find_spec

import pytest

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.sweep.cluster import check_cluster


@pytest.mark.parametrize("address", ["head", "tcp://head", "tcp://:8786", "head:port", "tcp://head:8786/x"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ChoiceError, match="--scheduler takes an address such as tcp://head:8786"):
        check_cluster(address)


@pytest.mark.skipif(find_spec("distributed") is not None, reason="Dask is installed")
def test_a_missing_dask_is_named_with_its_remedy() -> None:
    with pytest.raises(MlpError, match=r"--scheduler needs Dask: run pip install '\.\[dask\]'"):
        check_cluster("tcp://head:8786")
