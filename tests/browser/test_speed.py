"""A first visit: what a page loads, and whether it stays in its place."""

import gzip
import re

import pytest
from test_pages import PAGES, settle

CHAPTERS = [name for name in PAGES if re.match(r"\d\d-|intro$", name)]
WEIGHTS = re.compile(r"<div data-ae-figure.*?</script>", re.S)
OBSERVE = """
window.shift = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});
"""


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_first_visit_loads_less_than_a_megabyte(open_page, address, name):
    page, loaded = open_page("about:blank"), {}
    page.on("response", lambda answer: loaded.update({answer.url: answer}))
    page.goto(f"{address}/book/{name}.html")
    settle(page, name)
    page.wait_for_load_state("networkidle")
    sizes = {}
    for url, answer in loaded.items():
        if url.startswith("http"):
            text = answer.body()
            if url.endswith(f"{name}.html"):  # the weights of figures have a budget of their own
                text = WEIGHTS.sub("", text.decode()).encode()
            picture = url.endswith((".png", ".woff", ".woff2"))
            sizes[url] = len(text) if picture else len(gzip.compress(text))
    assert len(sizes) > 10
    assert sum(sizes.values()) < 1e6, sorted(sizes.items(), key=lambda item: -item[1])[:5]


@pytest.mark.parametrize("name", CHAPTERS)
def test_nothing_moves_while_a_page_is_read(open_page, address, name):
    page = open_page("about:blank", viewport={"width": 390, "height": 844})
    page.add_init_script(OBSERVE)
    page.goto(f"{address}/book/{name}.html")
    settle(page, name)
    for _ in range(12):  # figures come as the reader gets near them
        page.mouse.wheel(0, 700)
        page.wait_for_timeout(50)
    assert page.evaluate("window.shift") < 0.1
