// A pad to draw on, for the figures that take a digit from the reader.

const SIDE = 28;

/** Put ink on a page of 28 by 28 along a line, as a round pen of MNIST's width would. */
function stroke(page, [x0, y0], [x1, y1]) {
  const steps = Math.max(1, Math.ceil(4 * Math.hypot(x1 - x0, y1 - y0)));
  for (let step = 0; step <= steps; step++) {
    const [x, y] = [x0 + ((x1 - x0) * step) / steps, y0 + ((y1 - y0) * step) / steps];
    for (let row = Math.max(0, Math.floor(y - 3)); row <= Math.min(SIDE - 1, y + 3); row++)
      for (let column = Math.max(0, Math.floor(x - 3)); column <= Math.min(SIDE - 1, x + 3); column++) {
        const far = Math.hypot(column + 0.5 - x, row + 0.5 - y);
        page[row * SIDE + column] = Math.max(page[row * SIDE + column], Math.min(1, Math.max(0, 1.9 - far)));
      }
  }
}

/** As MNIST's makers did: the longer side scaled to 20 pixels, the centre of mass moved to the middle. */
function centred(page) {
  let [left, right, top, bottom, mass, x, y] = [SIDE, -1, SIDE, -1, 0, 0, 0];
  page.forEach((ink, i) => {
    if (ink < 0.05) return;
    const [column, row] = [i % SIDE, (i / SIDE) | 0];
    [left, right, top, bottom] = [Math.min(left, column), Math.max(right, column), Math.min(top, row), Math.max(bottom, row)];
    [mass, x, y] = [mass + ink, x + ink * column, y + ink * row];
  });
  if (!mass) return page;
  const scale = Math.min(4, 20 / (Math.max(right - left, bottom - top) + 1)); // a dot stays a dot
  return page.map((_, i) => between(page, x / mass + ((i % SIDE) - 13.5) / scale, y / mass + (((i / SIDE) | 0) - 13.5) / scale));
}

/** The value between four pixels, by their distances; outside there is no ink. */
function between(page, x, y) {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  let sum = 0;
  for (const row of [top, top + 1])
    for (const column of [left, left + 1])
      if (row >= 0 && row < SIDE && column >= 0 && column < SIDE)
        sum += page[row * SIDE + column] * (1 - Math.abs(x - column)) * (1 - Math.abs(y - row));
  return sum;
}

/** The pad with its buttons. changed(picture, its name) is called with 784 values from 0 to 1. */
function drawingPad(digits, labels, changed) {
  let page = new Float32Array(SIDE * SIDE);
  let [colors, shown, taken, pen, down] = [null, "", -1, [14, 14], false];
  const canvas = element("canvas", { class: "ae-plane ae-pad", tabindex: 0, role: "application", width: SIDE, height: SIDE, style: "image-rendering: pixelated",
    "aria-label": "Page to draw on: arrow keys move the pen, the space bar lowers and lifts it" });
  const place = element("p", { class: "ae-unseen", role: "status" }); // of the pen; the pictures have their own sentence
  const tidy = element("input", { type: "checkbox", checked: true, onchange: () => tell() });

  const input = () => (taken < 0 && tidy.checked ? centred(page) : page);
  function tell() {
    put();
    changed(input(), shown);
  }
  function put() {
    if (!colors) return;
    paint(canvas, page, colors);
    if (!canvas.matches(":focus-visible")) return;
    const context = canvas.getContext("2d"); // where the pen is, for those who draw with keys
    context.fillStyle = colors.dark ? "#6cc4ee" : "#0b6e99";
    context.fillRect(pen[0] - 1, pen[1] - 1, 2, 2);
  }
  function draw(from, to) {
    if (taken >= 0) page = new Float32Array(SIDE * SIDE); // a test digit gives way to a drawing
    [taken, shown] = [-1, "your drawing"];
    stroke(page, from, to);
    tell();
  }
  function turnTo(index) {
    taken = (index + digits.length) % digits.length;
    down = false;
    [page, shown] = [digits[taken].slice(), `test digit ${taken + 1}, ${withArticle(labels[taken])}`];
    tell();
  }
  /** Show a picture that is no test digit; like one, it gives way to a drawing. */
  function show(pixels, name) {
    [page, taken, shown, down] = [pixels.slice(), digits.length, name, false];
    tell();
  }
  function clear() {
    [page, taken, shown, down] = [new Float32Array(SIDE * SIDE), -1, "", false];
    tell();
  }

  const onPage = ([x, y]) => [SIDE * x, SIDE * y];
  let [last, before] = [null, null];
  follow(canvas, {
    down: (place) => {
      before = { page: page.slice(), taken, shown };
      down = false;
      draw(onPage(place), (last = onPage(place)));
    },
    move: (place) => draw(last, (last = onPage(place))),
    up: (place, kept) => {
      if (kept) return;
      ({ page, taken, shown } = before); // it was the first finger of a pinch
      tell();
    },
  });
  for (const change of ["focus", "blur"]) canvas.addEventListener(change, put);
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === " ") {
      down = !down;
      if (down) draw(pen, pen);
    } else if (ARROWS[event.key]) {
      const to = pen.map((at, axis) => Math.min(SIDE - 1, Math.max(1, at + ARROWS[event.key][axis])));
      if (down) draw(pen, to);
      pen = to;
      put();
    } else return;
    place.textContent = `Pen ${down ? "down" : "up"}, ${pen[0]} across, ${pen[1]} down.`;
    event.preventDefault();
  });

  const node = element("div", { class: "ae-wide", style: "max-width: 17rem" }, canvas,
    element("div", { class: "ae-row", style: "margin-top: 0.6em; gap: 0.5em" }, button("Clear", clear), button("Previous digit", () => turnTo(taken < 0 ? -1 : taken - 1)), button("Next digit", () => turnTo(taken < digits.length ? taken + 1 : 0))),
    element("label", { class: "ae-tick" }, tidy, "Centre and scale drawings as MNIST's were"), place);
  return { node, turnTo, show, recolor(now) { colors = now; put(); } };
}
