"""Any text as LaTeX that compiles: what LaTeX would obey is escaped, and what is not ASCII is written in commands."""

import re
import unicodedata

from mlpcli.report.boxes import LETTER, WIDTHS
from mlpcli.report.notation import LOWERED, RAISED
from mlpcli.report.text import printable
from mlpcli.report.typesetting import LETTERS, NUMBERS, SCRIPTS, SIGNS

ESCAPES = {
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "`": r"\textasciigrave{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': "''",
    "-": "-{}", "[": "{[}", "]": "{]}", "*": "{*}",  # else -- is a dash, and after a row's end [ and * are orders
    "ß": r"\ss{}", "æ": r"\ae{}", "Æ": r"\AE{}", "œ": r"\oe{}", "Œ": r"\OE{}", "ø": r"\o{}", "Ø": r"\O{}",
    "ł": r"\l{}", "Ł": r"\L{}", "…": r"\dots{}", "–": "--", "—": "---", "’": "'", "→": r"$\to$", "√": r"$\surd$",
    "ı": r"\i{}", "£": r"\pounds{}", "§": r"\S{}", "°": r"$^\circ$", "µ": r"$\mu$", "\N{NO-BREAK SPACE}": "~",
}  # fmt: skip
ACCENTS = {
    "\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0304": "=", "\u0306": "u ", "\u0307": ".",
    "\u0308": '"', "\u030a": "r ", "\u030b": "H ", "\u030c": "v ", "\u0323": "d ", "\u0327": "c ", "\u0331": "b ",
}  # fmt: skip
MATHEMATICS = {**LETTERS, **SIGNS, **NUMBERS}
UNBROKEN = 24  # characters of a word after which a line may end anywhere
_SCRIPTS = re.compile(f"([{RAISED}]+)|([{LOWERED}]+)")


def latex_text(text: str) -> str:
    """The text for a paragraph, a heading or a cell."""
    return " ".join(map(_word, writable(text).split(" ")))


def writable(text: str) -> str:
    """The text with the number of each letter that no command writes."""
    if text.isascii():
        return printable(text)
    return "".join(map(_told, printable(unicodedata.normalize("NFC", text))))


def text_width(text: str) -> float:
    """An estimate in points at 10 pt."""
    return sum(WIDTHS.get(character, LETTER) for character in writable(text))


def _told(character: str) -> str:
    known = character.isascii() or character in RAISED + LOWERED or _command(character)
    return character if known else f"[U+{ord(character):04X}]"


def _word(word: str) -> str:
    """A long word may be broken, as a path or the name of a column may be."""
    chunks = [word[start : start + UNBROKEN] for start in range(0, len(word), UNBROKEN)]
    return r"\allowbreak{}".join(map(_characters, chunks))


def _characters(text: str) -> str:
    found, end = "", 0
    for scripts in _SCRIPTS.finditer(text):
        sign = "^" if scripts[1] else "_"
        found += "".join(map(_character, text[end : scripts.start()])) + f"${sign}{{{scripts[0].translate(SCRIPTS)}}}$"
        end = scripts.end()
    return found + "".join(map(_character, text[end:]))


def _character(character: str) -> str:
    return ESCAPES.get(character) or (character if character.isascii() else _command(character))


def _command(character: str) -> str:
    """What writes a character that is not ASCII, or nothing."""
    if character in MATHEMATICS:
        return f"${MATHEMATICS[character]}$"
    decomposed = unicodedata.normalize("NFD", character)
    letter, mark = decomposed[0], decomposed[1:]
    accented = f"\\{ACCENTS[mark]}{{{letter}}}" if mark in ACCENTS and letter.isascii() else ""
    return ESCAPES.get(character, accented)
