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
    assert len(sizes) > 5
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


# Chromium's "Slow 4G": half a second until an answer begins, 180 kB a second
SLOW_4G = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1.6e6 * 0.9 / 8,
    "uploadThroughput": 0.75e6 * 0.9 / 8,
}
PAINTED = """
window.painted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.painted = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
"""


@pytest.mark.parametrize("name", CHAPTERS)
def test_words_stand_within_a_second_and_a_half_on_a_slow_phone(open_page, address, name):
    page = open_page("about:blank", viewport={"width": 390, "height": 844})
    page.add_init_script(PAINTED)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{address}/book/{name}.html", wait_until="commit")
    page.wait_for_timeout(2500)
    painted = page.evaluate("window.painted")
    assert 0 < painted < 1500
