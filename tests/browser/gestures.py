"""Hands and eyes for the tests of figures: mouse, finger, and what stands on a canvas."""

import json
import re

import torch

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def drag(page, locator, *places):
    """Press at the first place, from 0 to 1 each way, go through the others, and let go."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    points = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=5)
    page.mouse.up()


def touch(page, locator, *places):
    """The same with a finger."""
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    session = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(places) - 1)]
    for kind, (x, y) in zip(kinds, places, strict=True):
        point = {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]}
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [point]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def two_frames(page):
    """Wait until the page has drawn what it knows: an observer may act in the frame after next."""
    page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


# Milliseconds for two million square roots, the best of seven times.
ROOTS = """() => {
  const took = [];
  let sum = 0;
  for (let i = 0; i < 7; i++) {
    const began = performance.now();
    for (let k = 0; k < 2e6; k++) sum += Math.sqrt(k % 1000);
    took.push(performance.now() - began);
  }
  return sum > 0 ? Math.min(...took) : NaN;
}"""
PHONE_ROOTS = 24  # milliseconds, on the phone that the limits are meant for


def slow_phone(page):
    """As fast as the phone, whatever machine this is; at least a quarter of the machine's speed."""
    rate = min(4, max(1, PHONE_ROOTS / page.evaluate(ROOTS)))
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": rate})


def milliseconds(locator, act, times=7):
    """The median time from an action, `(element, number) => …`, to the frame after it."""
    return locator.evaluate(
        f"""async (one) => {{
        const act = {act};
        const frame = () => new Promise(requestAnimationFrame);
        const took = [];
        for (let i = 0; i < {times}; i++) {{
          await frame();
          const began = performance.now();
          act(one, i);
          await frame();
          took.push(performance.now() - began);
        }}
        return took.sort((a, b) => a - b)[{times // 2}];
      }}"""
    )


def typed(value):
    """An action for `milliseconds`: the i-th value, an expression, is typed."""
    return f'(one, i) => {{ one.value = {value}; one.dispatchEvent(new Event("input")); }}'


def pixels(locator):
    """A canvas's bytes: red, green, blue and alpha of each pixel."""
    data = "c.getContext('2d').getImageData(0, 0, c.width, c.height).data"
    # as one string, because Playwright takes seconds over a long list
    return json.loads(locator.evaluate(f"(c) => JSON.stringify([...{data}])"))


def ink(locator, paper=255):
    """A picture's values from 0, the paper, to 1."""
    return (paper - torch.tensor(pixels(locator)).view(-1, 4)[:, 0].float()) / 255


def numbers(text):
    return [float(value.replace("−", "-")) for value in re.findall(r"−?\d+(?:\.\d+)?", text)]
