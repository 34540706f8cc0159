"""How is text of others put into Markdown, so that it stays text?"""

from __future__ import annotations

import re

LINK = re.compile(r"https?://[^\s<>`\\|]+")


def code(text: str) -> str:
    """Text as code: between fences longer than any run of backticks in it, so that none ends it."""
    runs = re.findall("`+", text)
    fence = "`" * (max(map(len, runs), default=0) + 1)
    space = " " if text[:1] in ("`", " ", "") or text[-1:] in ("`", " ") else ""
    return f"{fence}{space}{text}{space}{fence}"


def cell(text: str) -> str:
    """Text as code in a table, where a bar would end the cell even inside code."""
    return code(text).replace("|", "\\|")


def escaped(text: str) -> str:
    """Text that is no markup."""
    for special in "\\`*_<>|[]&#~":
        text = text.replace(special, "\\" + special)
    return text


def link(text: str) -> str:
    """A link to follow; whatever is not an address of the web is shown as it is."""
    return f"<{text}>" if LINK.fullmatch(text) else code(text)
