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


def left(text: str, columns: int) -> str:
    """The text with blanks after it, so that it takes so many columns."""
    return text + " " * (columns - text_width(text))


def right(text: str, columns: int) -> str:
    """The text with blanks before it, so that it takes so many columns."""
    return " " * (columns - text_width(text)) + text
