"""Which passages does a page in HTML have, as Sphinx and the like write them?

What a page adds to its source is left out: navigation, links to headings, names of referenced sections,
notes on versions and the stable ABI.  Never follows a link.
"""

from __future__ import annotations

from html.parser import HTMLParser

from bufspec.spec.passages import Passage, declared, title_of, words_of

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BREAKING = HEADINGS | {"p", "li", "dt", "dd", "pre", "div", "dl", "ul", "ol", "table", "section", "tr",
                       "blockquote", "main", "body", "article", "caption", "header", "footer"}  # fmt: skip
SKIPPED = frozenset({"script", "style", "nav", "head", "title", "footer", "svg", "button", "form"})
SKIPPED_CLASSES = frozenset({
    "headerlink", "stableabi", "refcount", "threadsafety", "versionmodified", "admonition-title", "std-ref",
    "std-doc", "topic-title", "sphinxsidebar", "related", "footer", "linenos", "footnote-reference",
    "sig-prename", "footnote_reference",
})  # fmt: skip
VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "col", "wbr", "area", "base", "source", "embed", "track"}
)


def passages_of_html(text: str) -> list[Passage]:
    """The passages, in order; of the page's main part alone where it names one."""
    reader = _Reader(needs_main='role="main"' in text or "<main" in text)
    reader.feed(text)
    reader.close()
    reader.flush()
    return reader.passages


class _Reader(HTMLParser):
    def __init__(self, *, needs_main: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.passages: list[Passage] = []
        self.section = ""
        self.pieces: list[str] = []
        self.line = 1
        self.blank = True
        self.open: list[tuple[str, bool, bool]] = []  # each tag, whether it is left out, and is the main part
        self.skipping = 0
        self.main = 0 if needs_main else 1
        self.rows = self.code = 0
        self.kind = ""  # the heading or the term that is read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            self.pieces.append(" ")
            return
        known = dict(attrs)
        classes = (known.get("class") or "").split()
        skipped = tag in SKIPPED or not SKIPPED_CLASSES.isdisjoint(classes)
        is_main = known.get("role") == "main" or tag == "main"
        self.boundary(tag)
        self.open.append((tag, skipped, is_main))
        self.skipping += skipped
        self.main += is_main
        self.rows += tag == "tr"
        self.code += tag == "pre"
        if tag in HEADINGS:
            self.kind = "heading"
        elif tag == "dt" and not self.rows:
            self.kind = "signature" if "sig" in classes or known.get("id") else "term"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag not in (name for name, _, _ in self.open[-64:]):
            return  # closes nothing
        self.boundary(tag)
        while self.open:
            name, skipped, is_main = self.open.pop()
            self.skipping -= skipped
            self.main -= is_main
            self.rows -= name == "tr"
            self.code -= name == "pre"
            if name == tag:
                return

    def handle_data(self, data: str) -> None:
        if self.skipping or not self.main:
            return
        parts = data.split("\n\n") if self.code else [data]
        for number, part in enumerate(parts):
            if number:
                self.flush()
            if self.blank and not part.isspace():
                self.line, self.blank = self.getpos()[0], False
            self.pieces.append(part)

    def boundary(self, tag: str) -> None:
        """End the passage where a block begins or ends; a row of a table is one, whatever its cells hold."""
        if tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag in BREAKING:
            if self.rows and tag != "tr":
                self.pieces.append(" ")
            else:
                self.flush()

    def flush(self) -> None:
        text, kind = "".join(self.pieces), self.kind
        self.pieces, self.kind, self.blank = [], "", True
        words = words_of(text)
        if not words:
            self.kind = kind if not text.strip() else ""
            return
        if kind == "heading":
            self.section = title_of(text)
            return
        if kind == "signature":
            self.section = declared(text)
        elif kind == "term":
            self.section = title_of(text.split()[0])
        self.passages.append(Passage(self.section, self.line, words))
