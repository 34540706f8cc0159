"""A real Chromium for the tests of pages: no error is said, nothing loaded from elsewhere, all can read it.

Nightly: needs chromium, Playwright, and axe-core where BUFSPEC_AXE says (.ci/nightly brings it from npm).
Screenshots are kept in build/screenshots.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHOTS = ROOT / "build" / "screenshots"
AXE = Path(os.environ.get("BUFSPEC_AXE", ROOT / "build" / "axe" / "package" / "axe.min.js"))


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def watched_page(browser: Any, folder: Path) -> Iterator[Any]:
    """A page that may load the files of `folder` and no others; at its end it must have said no error."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    trouble: list[str] = []
    allowed = (folder.as_uri() + "/", "data:", "about:")
    page.on("console", lambda said: trouble.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda one: None if one.url.startswith(allowed) else trouble.append(one.url))
    yield page
    context.close()
    assert trouble == []


OF_COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe-core that a scheme can break; a width cannot.  They take most of its time."""
LOOKED_AT = {
    ("light", 1200): {},
    ("dark", 1200): {"runOnly": {"type": "rule", "values": OF_COLOURS}},
    ("light", 400): {"rules": {name: {"enabled": False} for name in OF_COLOURS}},
    ("dark", 400): None,
}
"""What axe-core looks at in each scheme and width; a large page would take a minute and a half otherwise."""


def unreadable(page: Any, options: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """What axe-core finds that not all readers can use: its rule, and the first element."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(options) => axe.run(options)", {"preload": False, **(options or {})})
    assert found["passes"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]


def refuse_unreadable(page: Any, name: str) -> None:
    """Fail unless all can read the open page, wide and narrow, light and dark; keeps screenshots."""
    for (scheme, width), options in LOOKED_AT.items():
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        shoot(page, f"{name}-{scheme}{'' if width == 1200 else '-narrow'}")
        assert options is None or unreadable(page, options) == [], (name, scheme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, scheme, width)


def stops(page: Any, most: int = 200) -> list[tuple[str, bool]]:
    """What the Tab key comes to from the top of the open page on: its name, and whether it is seen there."""
    found = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
              const at = document.activeElement;
              if (!at || at === document.body) return null;
              const label = at.labels && at.labels[0] && at.labels[0].textContent;
              const style = getComputedStyle(at), box = at.getBoundingClientRect();
              const name = at.getAttribute("aria-label") || label || at.innerText || "";
              const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
              return [name.trim(), outlined && box.width > 0 && box.height > 0];
            }"""
        )
        if stop is None:
            break
        found.append((stop[0], stop[1]))
    return found


def shoot(page: Any, name: str) -> None:
    """Keep a screenshot."""
    file = SHOTS / f"{name}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file)
