"""Make a built book ready for the web, in place: python book/_tools/deploy.py _build/html

`make book` leaves what Sphinx and the theme write; readers get it after four passes. They work on
the texts of the site in memory, and the files change when all have succeeded:

1. Icons. Font Awesome is the largest file that a page loads, 1.5 MB for some twenty icons, and its
   script walks through the whole page to put them in. A style sheet draws those that are named.
2. Style sheets and scripts. On a slow connection each further file costs half a second, and a
   browser paints nothing until all style sheets are there. So each page carries them, without the
   rules that no page uses (nine tenths of the theme's), and its scripts wait for the text. The
   font of formulas is fetched at once, or the text would move when it comes. What lies below the
   first section is laid out when the first words are painted: a slow phone takes half a second.
3. Figures. An interactive figure may carry half a megabyte of weights in its script. In a file of
   its own it comes after the text and not before what stands below it.
4. A Content-Security-Policy in each page: nothing comes from elsewhere, and of the inline scripts
   only those run that stand in the page now. It comes last because it holds their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any
from urllib.parse import quote

import tinycss2

Site = dict[str, str]  # the path of each HTML page, script and style sheet -> its text

ICONS = "_static/scripts/fontawesome.js"
# name:[width,height,[other names],"code point","path"], the filled ones last
ICON = re.compile(
    r'"?([\w-]+)"?:\[(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+",(?:"([^"]*)"|\["[^"]*","([^"]*)"\])\]'
)
ICON_NAME = re.compile(r"\bfa-([a-z][\w-]*)")
ICON_SCRIPT = re.compile(r'<script[^>]*\ssrc="[^"]*/fontawesome\.js[^>]*></script>\s*')
ICON_LETTER = re.compile(r"\.fa[srb]?\b.*:before")  # of a font that no page loads
ICON_SHEET = "_static/icons.css"
DRAWN = """:is(.fas, .far, .fab, .fa-solid, .fa-regular, .fa-brands) {
  display: inline-block; height: 1em; vertical-align: -0.125em;
  background: currentColor; mask: var(--icon) center / contain no-repeat;
  forced-color-adjust: none; print-color-adjust: exact;
}
.theme-switch { font-size: 1em }
@media (forced-colors: active) {
  :is(.fas, .far, .fab, .fa-solid, .fa-regular, .fa-brands) { background: CanvasText }
}
"""

SHAPE = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}'>"
    "<!-- Font Awesome Free, fontawesome.com/license/free, CC BY 4.0 --><path d='{}'/></svg>"
)
RULE = '.fa-{} {{ width: {:g}em; --icon: url("data:image/svg+xml,{}") }}'

SHEET = re.compile(r'<link[^>]*\shref="([^"?]*_static/[^"?]+\.css)[^>]*>\s*')
SCRIPT = re.compile(r'<script(?=[^>]*\ssrc=")(?![^>]*\s(?:defer|async))')
OPTIONS = re.compile(r'<script src="([^"?]*documentation_options\.js)[^>]*></script>')
PRELOAD = re.compile(r'<link rel="preload" as="script"[^>]*>\s*')
IMPORT = re.compile(r"""@import\s+["']([^"']+)["'];""")
NAMES = re.compile(r'\s(?:class|id)="([^"]*)"')
INLINE = re.compile(r"<script[^>]*>([^<]{1,20000}?)</script>")
FIGURE = re.compile(r"<script>(\(function \(\) \{.*?)</script>", re.DOTALL)
HEAVY = 50_000  # characters; a lighter one is sooner there than a file
VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
FONT = re.compile(r"""url\(\s*["']?([^"')]*math\.woff2)""")
PRELOADED = '<link rel="preload" as="font" type="font/woff2" href="{}" crossorigin />\n    '
# Only on a first visit from the top: whoever comes back has a place in the page to return to. And
# only until the first paint: it changes what is cut off, and where a jump ends.
WAITS = """.unpainted :is(
  .bd-sidebar-primary, .bd-sidebar-secondary, .bd-article > section > section ~ section
) { content-visibility: auto; contain-intrinsic-size: auto 1500px }"""
UNPAINTED = """
      if (!location.hash && performance.getEntriesByType("navigation")[0]?.type === "navigate") {
        const root = document.documentElement;
        root.classList.add("unpainted");
        new PerformanceObserver(() => root.classList.remove("unpainted"))
          .observe({type: "paint", buffered: true});
      }
    """
ADDRESS = re.compile(r"""url\(\s*["']?(?!data:|#)([^"')]+)["']?\s*\)""")

POLICY = (
    "default-src 'self'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
# above every script, and below the encoding, which has to be among the first 1024 bytes
HEAD = re.compile(r"<head>(\s*<meta charset=[^>]*>)?")
META = '<meta http-equiv="Content-Security-Policy" content="{policy}" />'
# what a meta element cannot say, for hosts that read this file (Netlify, Cloudflare Pages)
HEADERS = """/*
  Content-Security-Policy: frame-ancestors 'self'
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
"""


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("deploy: name the folder of the built book, such as _build/html")
    folder = Path(sys.argv[1])
    try:
        site = read(folder)
        changed = site.copy()
        draw_icons(changed)
        carry_styles(changed)
        move_figures(changed)
        add_policies(changed)
    except ValueError as error:
        sys.exit(f"deploy: {error}")
    write(folder, {name: text for name, text in changed.items() if text != site.get(name)})
    for name in site.keys() - changed.keys():
        (folder / name).unlink()


def read(folder: Path) -> Site:
    """The texts of a built book.

    Raises
    ------
    ValueError
        If `folder` holds no built book, or one that has been through this before.
    """
    if not (folder / "searchindex.js").is_file():
        raise ValueError(f"{folder} holds no built book: make book")
    paths = [path for path in folder.rglob("*") if path.suffix in (".html", ".js", ".css")]
    site = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in paths}
    if any("Content-Security-Policy" in site[name].partition("</head>")[0] for name in pages(site)):
        raise ValueError(f"{folder} has been deployed already: remove it and build the book again")
    if ICONS not in site:
        raise ValueError(f"{folder} has no {ICONS}: has the theme changed?")
    return site


def pages(site: Site) -> list[str]:
    """Whole pages: neither the pieces that the theme brings, nor the one that only sends on."""
    return [name for name, text in site.items() if name.endswith(".html") and "<head>" in text]


def write(folder: Path, site: Site) -> None:
    """Each under another name first: nobody reads a file that is half written."""
    for name, text in site.items():
        path = folder / name
        temporary = path.with_name(f"{path.name}.part")
        path.parent.mkdir(exist_ok=True)
        try:
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


# --- 1. icons


def draw_icons(site: Site) -> None:
    """Draw what pages and scripts name by a style sheet, as masks, and take the script out."""
    source = site.pop(ICONS)
    paths = {}
    for name, width, height, others, first, second in ICON.findall(source):
        for called in {name, *re.findall(r"[\w-]+", others)}:
            paths[called] = int(width), int(height), first or second
    readers = (text for name, text in site.items() if not name.endswith(".css"))
    used = {name for text in readers for name in ICON_NAME.findall(text)} & paths.keys()
    if not used:
        raise ValueError(f"{ICONS} has no icon that a page names: has its form changed?")
    rules = [DRAWN]
    for name in sorted(used):
        width, height, _ = paths[name]
        address = quote(SHAPE.format(*paths[name]), safe=" /:='")
        rules.append(RULE.format(name, width / height, address))
    site[ICON_SHEET] = "\n".join(rules)
    for page in pages(site):
        link = f'<link rel="stylesheet" href="{relpath(ICON_SHEET, dirname(page))}" />\n</head>'
        site[page] = ICON_SCRIPT.sub("", site[page]).replace("</head>", link, 1)


# --- 2. style sheets and scripts


def carry_styles(site: Site) -> None:
    """Put the style sheets of each page into it, as far as they are used, and defer its scripts."""
    used = used_names(site)
    light: Site = {}
    for name in pages(site):
        head, _, body = site[name].partition("</head>")
        styles = []
        for link in SHEET.findall(head):
            sheet = target(site, name, link)
            if sheet not in light:
                light[sheet] = needed(whole(site, sheet), used)
            styles.append(placed(light[sheet], link))
        style = "<style>\n{}\n</style>\n    <script>{}</script>\n    <title>".format(
            "\n".join([*styles, WAITS]), UNPAINTED
        )
        if "<math" in body and (font := FONT.search(style)):
            style = PRELOADED.format(font[1]) + style
        head = PRELOAD.sub("", SHEET.sub("", head).replace("<title>", style, 1))
        if 'rel="stylesheet"' in head:
            raise ValueError(f"{name} has a style sheet that no pattern knows")
        for tag in OPTIONS.finditer(head):  # an inline script below it names the page
            script = f"<script>{site[target(site, name, tag[1])]}</script>"
            head = head.replace(tag[0], script)
        site[name] = SCRIPT.sub("<script defer", f"{head}</head>{body}")
    if light.keys() <= {ICON_SHEET}:
        raise ValueError("no page names a style sheet: has the theme changed?")


def target(site: Site, name: str, link: str) -> str:
    """The file that `link` in the file `name` means."""
    path = normpath(join(dirname(name), link))
    if path not in site:
        raise ValueError(f"{name} names {path}, which is not there")
    return path


def whole(site: Site, sheet: str) -> str:
    """A style sheet with those that it imports in their place."""
    return IMPORT.sub(
        lambda other: placed(whole(site, target(site, sheet, other[1])), other[1]), site[sheet]
    )


def placed(sheet: str, link: str) -> str:
    """A sheet's own addresses, as seen from the page."""
    return ADDRESS.sub(lambda url: f'url("{normpath(join(dirname(link), url[1]))}")', sheet)


def used_names(site: Site) -> set[str]:
    """The classes and ids of pages, the words of scripts, and the variables with a reader."""
    names: set[str] = set()
    for path, text in site.items():
        names.update(VARIABLE.findall(text))
        if path.endswith(".html"):
            names.update(name for value in NAMES.findall(text) for name in value.split())
            text = " ".join(INLINE.findall(text))
        elif not re.match(r"_static/.*\.js$", path):
            continue  # not the index of the search, which has every word of the book
        names.update(re.findall(r"[\w-]+", text))
    return names


def needed(sheet: str, used: set[str]) -> str:
    """The style sheet without selectors that name a class or an id that is never used."""
    rules = tinycss2.parse_stylesheet(sheet, skip_comments=True, skip_whitespace=True)
    return re.sub(r"\s+", " ", "".join(_kept(rules, used)))


def _kept(rules: list[Any], used: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "error":
            raise ValueError(f"a style sheet has an error: {rule.message}")
        if rule.type == "qualified-rule":
            at_commas = itertools.groupby(rule.prelude, lambda token: token == ",")
            selectors = [list(tokens) for comma, tokens in at_commas if not comma]
            parts = [tinycss2.serialize(part).strip() for part in selectors if _names(part) <= used]
            parts = [part for part in parts if not ICON_LETTER.search(part)]
            if parts:
                yield f"{','.join(parts)}{{{_declarations(rule.content, used)}}}"
        elif rule.lower_at_keyword in ("media", "supports"):
            inside = tinycss2.parse_rule_list(rule.content, True, True)  # no comments, no spaces
            text = "".join(_kept(inside, used))
            if text:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{text}}}"
        elif rule.lower_at_keyword != "charset" and "webfonts" not in rule.serialize():
            yield rule.serialize()  # not the fonts of icons, which a script draws


def _names(selector: list[Any]) -> set[str]:
    """Its classes and ids; what stands in :not() or :is() does not count."""
    return {
        token.value
        for before, token in itertools.pairwise([None, *selector])
        if token.type == "hash" or (token.type == "ident" and before == ".")
    }


def _declarations(block: list[Any], used: set[str]) -> str:
    """What a rule says, without variables that nothing refers to."""
    parts = tinycss2.parse_blocks_contents(block, skip_comments=True, skip_whitespace=True)
    return ";".join(
        part.serialize().strip()
        for part in parts
        if part.type != "declaration" or not part.name.startswith("--") or part.name in used
    )


# --- 3. figures


def move_figures(site: Site) -> None:
    """Give each heavy script of a figure a file, named after its content."""
    for name in pages(site):

        def moved(script: re.Match[str], name: str = name) -> str:
            if len(script[1]) < HEAVY:
                return script[0]
            path = f"_static/figures/{hashlib.sha256(script[1].encode()).hexdigest()[:16]}.js"
            site[path] = script[1]
            return f'<script defer src="{relpath(path, dirname(name))}"></script>'

        site[name] = FIGURE.sub(moved, site[name])


# --- 4. policies


def add_policies(site: Site) -> None:
    """Name in each page the scripts that stand in it; nothing else may run."""
    for name in pages(site):
        text = site[name]
        sums = sorted({hashlib.sha256(one.encode()).digest() for one in Scripts(text).found})
        hashes = " ".join(f"'sha256-{base64.b64encode(one).decode()}'" for one in sums)
        # unsafe-hashes: the names are those of handlers in attributes, too
        meta = META.format(policy=POLICY.format(hashes=f"'unsafe-hashes' {hashes}"))
        end = next(HEAD.finditer(text)).end()
        site[name] = f"{text[:end]}\n    {meta}{text[end:]}"
    site["_headers"] = HEADERS


class Scripts(HTMLParser):
    """The inline scripts of a page, and the handlers that stand in attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attributes)
        self.found += [value for name, value in attributes if name.startswith("on") and value]
        if self._inside:
            self.found.append("")

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found[-1] += data


if __name__ == "__main__":
    main()
