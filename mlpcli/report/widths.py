"""How many columns text takes on a terminal: letters of East Asian scripts and most emoji take two, accents none."""


def text_width(text: str) -> int:
    """Columns of a text."""
    return len(text) if text.isascii() else sum(map(columns_of, text))


def columns_of(character: str) -> int:
    """Columns of one character (Unicode Standard Annex 11; what is ambiguous there is narrow)."""
    if character.isascii():
        return 1
    from unicodedata import category, east_asian_width

    if category(character) in ("Mn", "Me"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def clipped(text: str, columns: int) -> str:
    """The text, or where it takes more columns than that its beginning with an ellipsis."""
    return text if text_width(text) <= columns else in_pieces(text, columns - 1)[0].rstrip() + "…"


def in_pieces(text: str, columns: int) -> list[str]:
    """The text in pieces of at most so many columns, of which there are two at least."""
    pieces = [""]
    for character in text:
        if text_width(pieces[-1]) + columns_of(character) > columns:
            pieces.append("")
        pieces[-1] += character
    return pieces


def left(text: str, columns: int) -> str:
    """The text with blanks after it, so that it takes so many columns."""
    return text + " " * (columns - text_width(text))


def right(text: str, columns: int) -> str:
    """The text with blanks before it, so that it takes so many columns."""
    return " " * (columns - text_width(text)) + text
