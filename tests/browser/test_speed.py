"""A first visit on a slow phone: what it loads, when something stands there, whether it stays."""

import gzip
import re

import pytest
from test_pages import PAGES, settle

CHAPTERS = [name for name in PAGES if re.match(r"\d\d-|intro$", name)]
WEIGHTS = re.compile(r"<div data-ae-figure.*?</script>", re.S)
# Chromium's "Slow 4G": bytes a second, and milliseconds until an answer comes
SLOW_4G = {
    "offline": False,
    "downloadThroughput": 1.6e6 / 8 * 0.9,
    "uploadThroughput": 0.75e6 / 8 * 0.9,
    "latency": 150 * 3.75,
}
OBSERVE = """
window.seen = {paint: 0, shift: 0};
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seen.paint = entry.startTime;
}).observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.seen.shift += entry.value;
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
def test_on_a_slow_phone_a_page_stands_soon_and_stays(open_page, address, name):
    page = open_page("about:blank", viewport={"width": 390, "height": 844})
    page.add_init_script(OBSERVE)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", SLOW_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{address}/book/{name}.html", timeout=60_000)
    settle(page, name)
    seen = page.evaluate("window.seen")
    assert 0 < seen["paint"] < 1500, seen
    assert seen["shift"] < 0.1, seen
