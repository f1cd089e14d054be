"""`mlp manual`: the pages are the Markdown files in `mlpcli/manual/`, and a new file is a new page."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

import mlpcli

OF_ALL = "lecture"  # the page with examples of all commands
LINK = re.compile(r"\[([^][]+)\]\([\w-]+\.md\)")  # to another page


def pages() -> dict[str, str]:
    """The text of each page by its name."""
    folder = Path(mlpcli.__file__).parent / "manual"
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.md"))}


def _begins_with(incomplete: str) -> list[str]:
    return [name for name in pages() if name.startswith(incomplete)]


Page = Annotated[
    str | None, typer.Argument(help="Page", metavar="PAGE", show_default="list the pages", autocompletion=_begins_with)
]


def manual(*, page: Page = None) -> None:
    """Read the manual, page by page.

    If you give the name of a command, shows the page with most of its examples.

    Example: mlp manual

    Example: mlp manual traces
    """
    from mlpcli.cli.main import COMMANDS
    from mlpcli.core.errors import ChoiceError
    from mlpcli.core.families import unknown

    texts = pages()
    if page is None:
        width = max(map(len, texts))
        lines = [f"  {name:<{width}}  {_summary(text)}\n" for name, text in texts.items()]
        _show("".join(["Read a page with mlp manual PAGE.\n\n", *lines]))
    elif page in texts:
        _show(texts[page], markdown=True)
    elif page in COMMANDS:
        own = [text for name, text in texts.items() if name != OF_ALL]
        _show(max(own, key=lambda text: text.count(f"\n$ mlp {page}")), markdown=True)
    else:
        raise ChoiceError(unknown("page", page, texts))


def _summary(text: str) -> str:
    """The first sentence of a page, which says what it is about."""
    paragraph = text.split("\n\n")[1].replace("\n", " ").replace("`", "")
    return paragraph.partition(". ")[0].removesuffix(".") + "."


def _show(text: str, markdown: bool = False) -> None:
    """Text on standard output: Markdown as it is in a pipe, and rendered on a terminal that shows styles."""
    from mlpcli.report.text import said, screen

    output = screen()
    if not (markdown and output.color and output.unicode):
        shown = said(text, sys.stdout)
        print(shown if output.unicode else shown.encode("ascii", "replace").decode(), end="")
        return
    from rich.console import Console
    from rich.markdown import Markdown

    words = LINK.sub(r"\1", text)  # a terminal cannot follow them, and they say `mlp manual PAGE`
    Console(width=output.columns).print(Markdown(words, code_theme="ansi_dark", hyperlinks=False))
