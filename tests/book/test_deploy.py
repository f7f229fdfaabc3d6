"""What happens to a built book on its way to readers, on a site of one page."""

import base64
import hashlib
import re
import sys
from urllib.parse import unquote

import deploy
import pytest
from bs4 import BeautifulSoup

SCRIPT, HANDLER = "show('made')", "open_menu()"
BARS = '<i class="fa-solid fa-bars"></i>'
PAGE = f"""<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8" />
    <title>A page</title>
    <link href="../_static/styles/theme.css?digest=1" rel="stylesheet" />
    <link rel="preload" as="script" href="../_static/menu.js" />
    <script src="../_static/documentation_options.js?v=1"></script>
    <script src="../_static/menu.js"></script>
    <script src="../_static/scripts/fontawesome.js?digest=1"></script>
    <script>{SCRIPT}</script>
  </head>
  <body><p class="used" id="here" style="margin: var(--gap)">
    {BARS}<button onclick="{HANDLER}">Menu</button></p></body>
</html>
"""
SHEET = """@charset "UTF-8"; @import "../basic.css";
/* a comment */
:root { --gap: 1px; --read: 2px; --never: 3px }
.used, .never { color: red; top: var(--read) }
.used .never { color: blue }
a:not(.never) { color: green }
@media print { .never { display: none } #here { margin: 0 } }
@media screen { .never { display: none } }
@font-face { src: url(../webfonts/icons.woff2) }
@font-face { src: url(math.woff2) }
.made { top: 0 }
.fa-solid.fa-bars::before, .used::before { content: "x" }
"""
NEEDED = (
    'p{background: url("../_static/file.png")}:root{--gap: 1px;--read: 2px}'
    ".used{color: red;top: var(--read)}a:not(.never){color: green}"
    "@media print {#here{margin: 0}}"
    '@font-face { src: url("../_static/styles/math.woff2") }'
    '.made{top: 0}.used::before{content: "x"}'
)
ICONS = "".join(f'icon{i}:[9,9,[],"f{i}","M1"],' for i in range(30))
FILES = {
    "searchindex.js": 'Search.setIndex({"never": 1})',
    "index.html": '<meta http-equiv="Refresh" content="0; url=book/page.html" />',
    "book/page.html": PAGE,
    "_static/styles/theme.css": SHEET,
    "_static/basic.css": "p { background: url(file.png) }",
    "_static/documentation_options.js": "const OPTIONS = {};",
    "_static/menu.js": "function open_menu() {}",
    "_static/scripts/fontawesome.js": f'a={{{ICONS}bars:[18,9,["navicon"],"f0c9","M2"],}}',
}


@pytest.fixture
def run(tmp_path, monkeypatch):
    """run(changes): what deploying a small site says, which is None when all went well."""

    def run(changes=()):
        for name, text in (FILES | dict(changes)).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return again()

    def again():
        monkeypatch.setattr(sys, "argv", ["deploy", str(tmp_path)])
        try:
            deploy.main()
        except SystemExit as stop:
            return stop.code
        return None

    run.again = again
    return run


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_page_carries_the_styles_that_it_needs_and_waits_for_no_script(run, tmp_path):
    assert run() is None
    page = BeautifulSoup((tmp_path / "book" / "page.html").read_text(), "html.parser")
    styles, _, icons = page.style.text.strip().partition(":is(.fas")
    assert styles.strip() == NEEDED
    assert icons.count("--icon: url") == 1
    assert icons.endswith(deploy.WAITS)
    assert page.find_all("link") == []
    inline = [script.text for script in page.find_all("script", src=False)]
    assert inline == [deploy.UNPAINTED, "const OPTIONS = {};", SCRIPT]
    assert [script.has_attr("defer") for script in page.select("script[src]")] == [True]


def test_the_font_of_formulas_is_fetched_where_there_is_one(run, tmp_path):
    formula = PAGE.replace("</body>", "<math><mi>x</mi></math></body>")
    assert run({"book/formula.html": formula}) is None
    links = [
        BeautifulSoup((tmp_path / "book" / name).read_text(), "html.parser").find_all("link")
        for name in ("formula.html", "page.html")
    ]
    wanted = {"rel": ["preload"], "as": "font", "type": "font/woff2", "crossorigin": ""}
    assert [[link.attrs for link in found] for found in links] == [
        [wanted | {"href": "../_static/styles/math.woff2"}],
        [],
    ]


def test_a_figure_with_much_in_it_has_a_file_of_its_own(run, tmp_path):
    heavy, light = (f'(function () {{\nstart("{size * "x"}");\n}})();' for size in (60_000, 600))
    figures = "".join(f"<script>{script}</script>" for script in (heavy, light, heavy))
    assert run({"book/page.html": PAGE.replace("</body>", f"{figures}</body>")}) is None
    page = BeautifulSoup((tmp_path / "book" / "page.html").read_text(), "html.parser")
    assert [script.text for script in page.body.find_all("script", src=False)] == [light]
    (name,) = {script["src"] for script in page.body.find_all("script", src=True, defer=True)}
    assert (tmp_path / "book" / name).read_text() == heavy
    assert page.head.find_all("meta")[1]["content"].count("'sha256-") == 5  # not the heavy one's


@pytest.mark.parametrize("called", ["bars", "navicon"])
def test_icons_that_are_used_are_drawn_and_the_script_is_gone(run, tmp_path, called):
    assert run({"book/page.html": PAGE.replace("fa-bars", f"fa-{called}")}) is None
    assert not (tmp_path / deploy.ICONS).exists()
    assert "fontawesome.js" not in (tmp_path / "book" / "page.html").read_text()
    (rule,) = re.findall(r"[.]fa-([^{]*)[{] width: ([^;]*); --icon: (.*)[}]",
                         (tmp_path / deploy.ICON_SHEET).read_text())  # fmt: skip
    assert rule[:2] == (f"{called} ", "2em")
    shape = unquote(rule[2])
    assert "viewBox='0 0 18 9'" in shape
    assert "<path d='M2'/>" in shape


def test_the_policy_of_a_page_names_its_scripts_and_no_others(run, tmp_path):
    assert run() is None
    page = BeautifulSoup((tmp_path / "book" / "page.html").read_text(), "html.parser")
    encoding, policy = page.head.find_all("meta")
    assert encoding["charset"] == "utf-8"
    assert policy["http-equiv"] == "Content-Security-Policy"
    rules = dict(rule.split(" ", 1) for rule in policy["content"].split("; "))
    texts = (deploy.UNPAINTED, "const OPTIONS = {};", SCRIPT, HANDLER)
    sums = [hashlib.sha256(text.encode()).digest() for text in texts]
    hashes = {f"'sha256-{base64.b64encode(one).decode()}'" for one in sums}
    assert set(rules["script-src"].split()) == {"'self'", "'unsafe-hashes'", *hashes}
    assert rules["default-src"] == "'self'"
    assert "frame-ancestors" not in rules  # browsers refuse it there
    assert "frame-ancestors 'self'" in (tmp_path / "_headers").read_text()


def test_a_second_time_is_refused_and_changes_nothing(run, tmp_path):
    assert run() is None
    before = contents(tmp_path)
    assert "has been deployed already: remove it and build the book again" in run.again()
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({deploy.ICONS: "icons = another('form')"}, "no icon that a page names"),
        ({"_static/styles/theme.css": "a { color: red } }"}, "a style sheet has an error"),
        ({"book/page.html": PAGE.replace("theme.css", "gone.css")}, "gone.css, which is not there"),
        ({"_static/styles/theme.css": '@import "gone.css";'}, "gone.css, which is not there"),
        ({"book/page.html": PAGE.replace("_static", "assets")}, "a style sheet that no pattern"),
        (
            {"book/page.html": f"<head><title>A page</title></head>{BARS}"},
            "no page names a style sheet",
        ),
    ],
)
def test_a_pass_that_cannot_do_its_work_says_so_and_nothing_changes(
    run, tmp_path, changes, complaint
):
    assert complaint in run(changes)
    assert contents(tmp_path) == {
        tmp_path / name: text.encode() for name, text in (FILES | changes).items()
    }


def test_a_folder_that_is_no_built_book_is_refused(run, tmp_path):
    (tmp_path / "index.html").write_text(PAGE)
    before = contents(tmp_path)
    assert run.again() == f"deploy: {tmp_path} holds no built book: make book"
    assert contents(tmp_path) == before


def test_a_file_that_cannot_be_written_is_left_as_it_was(run, tmp_path, monkeypatch):
    def fail(self, target):
        raise OSError("the disk is full")

    monkeypatch.setattr("pathlib.Path.replace", fail)
    with pytest.raises(OSError, match="the disk is full"):
        run()
    assert contents(tmp_path) == {tmp_path / name: text.encode() for name, text in FILES.items()}
