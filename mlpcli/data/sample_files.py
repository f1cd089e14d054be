"""Where the files of `sample_data/` lie: inside the installed package, or beside it in a checkout."""

from pathlib import Path

import mlpcli


def sample_file(name: str) -> Path:
    """The path of a file that comes with the package, `iris.csv` for instance."""
    package = Path(mlpcli.__file__).parent
    installed = package / "sample_data"
    return (installed if installed.is_dir() else package.parent / "sample_data") / name
