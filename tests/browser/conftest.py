"""A browser for the tests of this folder; where there is none, they are skipped with one line."""

import base64
import functools
import gzip
import http
import http.server
import io
import json
import threading
from pathlib import Path

import chromium
import pytest
from book_pages import ALL

MISSING = "no Chromium was found, so the browser tests are left out: make test-browser"
LEFT_OUT = pytest.StashKey[int]()


OTHER_FILES = {
    "test_choosing": "text_writer",
    "test_drawing": "draw_a_digit",
    "test_temperature": "temperature_by_hand",
    "test_training_in_the_page": "train_in_the_page",
}


def figure_of(item):
    """Name the figure that a test is about: one process tries it, and trains its model once."""
    from trained import EXAMPLES

    stem = item.path.stem
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    name = parameters.get("name", OTHER_FILES.get(stem, stem.removeprefix("test_")))
    return name if name in EXAMPLES else None


@pytest.hookimpl(tryfirst=True)  # xdist looks for its groups
def pytest_collection_modifyitems(config, items):
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in here:
        if figure := figure_of(item):
            item.add_marker(pytest.mark.xdist_group(figure))
    if here and chromium.find() is None:
        config.stash[LEFT_OUT] = len(here)
        items[:] = [item for item in items if item not in here]
        config.hook.pytest_deselected(items=here)


def pytest_collection_finish(session):
    """Where tests run side by side, xdist says in a test's name whose group it is; or does not."""
    if getattr(session.config.option, "loadgroup", False):
        lost = [item for item in session.items if item.get_closest_marker("xdist_group")]
        lost = [item.nodeid for item in lost if "@" not in item.nodeid]
        assert not lost, f"pytest-xdist groups nothing with this pytest: {lost[:3]}"


def pytest_terminal_summary(terminalreporter, config):
    count = config.stash.get(LEFT_OUT, 0)
    if count:
        terminalreporter.write_line(f"{count} tests not run: {MISSING}")


def pytest_sessionfinish(session, exitstatus):
    if session.config.stash.get(LEFT_OUT, 0) and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK  # the line at the end says what was left out


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
    # a container's root may not sandbox, and a machine of its own may have no graphics
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=arguments)
        yield browser
        browser.close()


@functools.cache
def packed(path):
    return gzip.compress(path.read_bytes())


@functools.cache
def asked_for(site):
    """What the site's `_headers` asks a host to send: path -> [(name, value)]."""
    headers, path = {}, ""
    for line in (site / "_headers").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            headers[path].append(tuple(line.strip().split(": ", 1)))
        else:
            path = line
            headers[path] = []
    return headers


class Quiet(http.server.SimpleHTTPRequestHandler):
    """A host as most are: it packs text on its way, and lets a browser keep it for a while."""

    def send_head(self):
        path = Path(self.translate_path(self.path))
        if path.suffix not in (".html", ".js", ".css", ".svg") or not path.is_file():
            return super().send_head()
        content = packed(path)
        self.send_response(http.HTTPStatus.OK)
        for name, value in asked_for(Path(self.directory)).get(self.path.split("?")[0], []):
            self.send_header(name, value)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Cache-Control", "max-age=600")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        return io.BytesIO(content)

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture(scope="session")
def address(site):
    """Where the built book is served from."""
    handler = functools.partial(Quiet, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def listen(page):
    """Write down whatever a quiet page does not do, and whom it asks."""
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(f"{error} ({page.url})"))
    page.on(
        "console",
        lambda message: (
            message.type in ("error", "warning")
            and "readback" not in message.text  # the tests read pictures often, nobody else
            and page.complaints.append(f"{message.text} ({page.url})")
        ),
    )
    own = ("data:", "blob:", "about:", "file:", "http://127.0.0.1:", "http://localhost:")
    page.on(
        "response",
        lambda answer: (
            answer.status >= 400 and page.complaints.append(f"{answer.status} {answer.url}")
        ),
    )
    page.on(
        "request",
        lambda request: (
            request.url.startswith(own) or page.complaints.append(f"asked {request.url}")
        ),
    )
    return page


@pytest.fixture(scope="session")
def used_pages():
    """The pages that tests of figures have left, by their options."""
    return {}


@pytest.fixture
def open_page(browser, used_pages, request):
    """open_page(url, content=, fresh=False, **options): a page that must stay quiet and ask nobody.

    A new page costs the browser a second, new content in a page that stands a quarter of it. So a
    page with content is used again, unless a test has failed on it, has turned its clock (`fresh`)
    or measures time.
    """
    failed = request.session.testsfailed
    timing = request.node.get_closest_marker("timing")
    opened = []

    def open_page(url=None, *, content=None, fresh=False, **options):
        # a test's own way of waiting is a script that no page's policy names
        options = {"viewport": {"width": 900, "height": 900}, "bypass_csp": True} | options
        key = None if content is None or fresh or timing else json.dumps(options, sort_keys=True)
        page = used_pages.pop(key, None)
        if page is None:
            page = listen(browser.new_context(**options).new_page())
        else:
            page.goto("about:blank")
            page.complaints.clear()
            page.set_viewport_size(options["viewport"])
            page.mouse.move(0, 0)
        opened.append((page, key))
        if url is not None:
            page.goto(url)
        else:
            page.set_content(PAGE.format(content))
        return page

    yield open_page
    for page, key in opened:
        if (
            key is None
            or key in used_pages
            or page.complaints
            or request.session.testsfailed > failed
        ):
            page.context.close()
        else:
            used_pages[key] = page
    assert [page.complaints for page, _ in opened] == [[]] * len(opened)


@pytest.fixture
def show(open_page):
    """show(name, **options): a page with one figure on it, alive."""
    from playwright.sync_api import expect
    from trained import example

    def show(name, **options):
        page = open_page(content=example(name).html, **options)
        expect(page.locator(".ae-figure")).to_be_visible()
        return page

    return show


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A figure</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body style="background: white"><main><h1>A figure</h1>{}</main></body></html>"""


# axe takes nine tenths of its time over contrast, word for word. What has the same place in the
# page's style (tags, classes, styles of its own, all the way up) has the same colours: the first
# that is shown stands for all, but for `make test-all-pages`.
ONE_OF_EACH_LOOK = """() => {
  const seen = new Set();
  for (const one of document.querySelectorAll("body, body *")) {
    const words = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!(words || one.matches("input, select, textarea")) || !one.checkVisibility()) continue;
    let look = getComputedStyle(one).color;
    for (let up = one; up; up = up.parentElement)
      look += ` < ${up.localName} ${up.getAttribute("class")} ${up.getAttribute("style")}`;
    one.toggleAttribute("data-look", !seen.has(look));
    seen.add(look);
  }
  axe.configure({ rules: [{ id: "color-contrast", selector: "[data-look]" }] });
}"""


@pytest.fixture
def axe():
    """axe(page): what the accessibility checker finds, as [(rule, element)]."""
    import axe_playwright_python

    script = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")

    def check(page):
        if page.evaluate("!window.axe"):
            page.evaluate(script)
        if not ALL:
            page.evaluate(ONE_OF_EACH_LOOK)
        found = page.evaluate("axe.run({ preload: false, resultTypes: ['violations'] })")
        found = found["violations"]
        return [(one["id"], node["html"][:200]) for one in found for node in one["nodes"]]

    return check


@pytest.fixture
def compute(open_page):
    """compute(name, expression, given): the expression's value, with the figure's own functions."""
    from trained import example  # here, since few tests need the models

    from ae_course.widgets.figure import asset

    page = open_page(content="")

    def compute(name, expression, given=None, figure=None):
        figure = figure or example(name)
        code = "\n".join(asset(script) for script in ("runtime.js", "ui.js", *figure.scripts))
        setup = (
            f"const config = {json.dumps(figure.config)};"
            f'const buffer = bytesOf("{base64.b64encode(figure.data).decode()}");'
        )
        # as JSON, because Playwright takes seconds over a long list
        given = json.dumps(given.tolist() if hasattr(given, "tolist") else given)
        result = f"const given = JSON.parse(text); return JSON.stringify({expression});"
        return json.loads(page.evaluate(f"(text) => {{ {code}\n{setup}\n{result} }}", given))

    return compute
