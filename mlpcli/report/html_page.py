"""The frame of a page: one file that asks for nothing else, with its style sheet and its script inside."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from mlpcli.report.html_text import plain


def head(title: str) -> str:
    """Everything up to the first heading. The page may load nothing, and run no script but its own."""
    style = _asset("page.css")
    policy = f"default-src 'none'; style-src {_fingerprint(style)}; script-src {_fingerprint(_asset('page.js'))}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{plain(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n<h1>{plain(title)}</h1>\n"
    )


def script() -> str:
    """What shows a sum beside its number. It stands at the end, when everything that it looks for is there."""
    return f"<script>{_asset('page.js')}</script>\n"


def end() -> str:
    """What closes the page."""
    return "</body>\n</html>\n"


def _asset(name: str) -> str:
    return Path(__file__).with_name(name).read_text("utf-8")


def _fingerprint(text: str) -> str:
    """The hash by which a browser knows a script or style of the page from one that was smuggled in."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
