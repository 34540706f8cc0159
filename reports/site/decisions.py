"""How is a decision, a page of Markdown in the repository, shown in the guide?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


def decision_pages(decisions: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The name, the title and the body of each decision; HTML in them is shown as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    pages = []
    for one in decisions:
        tokens = markdown.parse(one["text"])
        title, rest = _without_title(tokens, one["name"])
        for token in rest:
            _lower(token)
        body = Markup(markdown.renderer.render(rest, markdown.options, {}))
        pages.append({"name": one["name"], "title": title, "body": body, "text": one["text"]})
    return pages


def _without_title(tokens: list[Token], name: str) -> tuple[str, list[Token]]:
    if tokens and tokens[0].type == "heading_open":
        return tokens[1].content.replace("`", ""), tokens[3:]
    return name.replace("_", " "), tokens


def _lower(token: Token) -> None:
    """Headings of a decision stand below its title; links inside the repository lead nowhere here."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1:]) + 1, 6)}"
    tags: list[str] = []
    for child in token.children or ():
        if child.type == "link_open":
            if not str(child.attrs.get("href", "")).startswith("https://"):
                child.type, child.tag, child.attrs = "span_open", "span", {}
            tags.append(child.tag)
        elif child.type == "link_close":
            child.tag = tags.pop()
