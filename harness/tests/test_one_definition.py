"""Is every C++ type of the repository defined once in its namespace?

Two types of one name in one namespace break the one-definition rule as soon as both end up in one program,
which no compiler reports.  Reads source text only; what is in an anonymous namespace, or inside a function,
has no name outside and may share one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from test_structure import CPP, FILES, relative

# What can hold a brace or a keyword that is not code.
NOT_CODE = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"
      | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+' | ^[ \t]*\#(?:\\\n|[^\n])*""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
DIGITS = re.compile(r"(?<=\w)'(?=\w)")
TOKEN = re.compile(r"\w+|::|\S")
KEYWORDS = {"class", "struct", "union", "enum"}


def tokens_of(text: str) -> list[str]:
    """The words and signs of C++, without comments, literals and directives."""
    return TOKEN.findall(NOT_CODE.sub(" ", DIGITS.sub("", text)))


def without_brackets(tokens: list[str], opening: str, closing: str) -> list[str]:
    """The tokens outside of all brackets of a kind."""
    kept: list[str] = []
    depth = 0
    for token in tokens:
        depth += token == opening
        if depth == 0:
            kept.append(token)
        depth -= token == closing and depth > 0
    return kept


def name_of_namespace(head: list[str]) -> str | None:
    """What `namespace A::B` opens, "" for an anonymous one; None for anything else."""
    if "namespace" not in head[:2]:
        return None
    return "".join(head[head.index("namespace") + 1 :])


def name_of_type(head: list[str]) -> str | None:
    """The type that a brace after these tokens defines; None for a specialisation and anything else."""
    for opening, closing in ("()", "[]"):
        head = without_brackets(head, opening, closing)
    while "template" in head:
        at = head.index("template")
        depth, end = 0, at + 1
        while end < len(head):
            depth += (head[end] == "<") - (head[end] == ">")
            end += 1
            if depth == 0:
                break
        head = head[:at] + head[end:]
    places = [at for at, token in enumerate(head) if token in KEYWORDS]
    if not places or "=" in head[: places[0]]:
        return None
    rest = [token for token in head[places[0] :] if token not in KEYWORDS | {"alignas", "final"}]
    if not rest or not rest[0].isidentifier() or (len(rest) > 1 and rest[1] != ":"):
        return None
    return rest[0]


def types_of(text: str) -> Iterator[str]:
    """The full names of the types that a file defines for others to see."""
    scopes: list[str | None] = []  # None: what is inside has no name outside
    head: list[str] = []
    depth = 0
    for token in tokens_of(text):
        depth += (token == "(") - (token == ")")
        if token == "{":
            name = name_of_namespace(head)
            if name is None and depth == 0 and (name := name_of_type(head)) and None not in scopes:
                yield "::".join([*(one for one in scopes if one), name])
            scopes.append(name or None)
            head = []
        elif token == "}":
            scopes.pop()
            head = []
        elif token == ";" or (token == ":" and head[-1:] in (["public"], ["private"], ["protected"])):
            head = []
        else:
            head.append(token)


def test_the_reader_of_definitions_sees_what_compilers_see() -> None:
    text = """
    // struct Comment {};
    namespace a { namespace { struct Hidden {}; } struct Declared; }
    namespace a::b {
    template <class T, template <typename> class U> class Made final : public Base<T> {
     public:
      enum class Inner : int { one = 1'000, two };
     private:
      void act(struct Elaborated* e) { struct Local {}; const char* s = "struct Text {"; }
    };
    template <> struct Made<int> {};
    constexpr struct { int x; } nameless{1};
    struct Elaborated* get() { return nullptr; }
    union alignas(16) Either { int i; };
    Made<int> list[]{{1}, {2}};
    }
    """
    assert list(types_of(text)) == ["a::b::Made", "a::b::Made::Inner", "a::b::Either"]


def places_of_types(texts: dict[str, str]) -> dict[str, list[str]]:
    """For each type the files that define it."""
    places: dict[str, list[str]] = {}
    for file, text in texts.items():
        for name in types_of(text):
            places.setdefault(name, []).append(file)
    return places


def texts_of_repository() -> dict[str, str]:
    return {relative(path): path.read_text(encoding="utf-8") for path in FILES if path.suffix in CPP}


def test_no_two_types_of_one_name_are_in_one_namespace() -> None:
    places = places_of_types(texts_of_repository())
    assert {"bufspec::Layout", "bufspec::mutants::exporters::Machine"} <= set(places)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def test_the_mutants_would_share_names_in_one_namespace() -> None:
    texts = texts_of_repository()
    merged = {
        file: re.sub(r"mutants::(exporters|consumers)", "mutants", text) for file, text in texts.items()
    }
    twice = {name for name, files in places_of_types(merged).items() if len(files) > 1}
    assert {"bufspec::mutants::Machine", "bufspec::mutants::Behaviour"} <= twice
