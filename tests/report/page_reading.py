"""A page as a tree, read strictly: every element that opens is closed where it may be."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

ALONE = {"meta", "link", "br", "hr", "img", "input"}  # elements without content


@dataclass
class Element:
    """An element, or a text where it has no tag."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element]" = field(default_factory=list)
    words: str = ""

    @property
    def text(self) -> str:
        return self.words + "".join(child.text for child in self.children)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    def all(self, tag: str = "", kind: str = "") -> "Iterator[Element]":
        """The elements inside, in order: of this tag, of this class."""
        for child in self.children:
            if child.tag and tag in ("", child.tag) and (not kind or kind in child.classes):
                yield child
            yield from child.all(tag, kind)

    def one(self, tag: str = "", kind: str = "") -> "Element":
        """The only such element."""
        (found,) = self.all(tag, kind)
        return found

    def matrix(self) -> list[list[str]]:
        """The full numbers of a matrix, from its titles."""
        if self.tag == "span":
            return [[self.attributes["title"]]]
        return [[cell.attributes["title"] for cell in row.all("td")] for row in self.all("tr")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self.path = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"an attribute twice in {self.get_starttag_text()}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.path[-1].children.append(element)
        if tag not in ALONE:
            self.path.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.path.pop().tag == tag, f"</{tag}> at {self.getpos()} closes something else"

    def handle_data(self, data: str) -> None:
        self.path[-1].children.append(Element("", words=data))


def read_page(text: str) -> Element:
    """The tree of a page."""
    assert text.startswith("<!DOCTYPE html>\n")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.path == [reader.root], "something stays open"
    return reader.root
