// A window of nine weights on a digit: the products, their sum, and the map that the sums make.

const SIDE = 28;
const OWN = "your own";

function movingWindow(config, buffer) {
  const { names, labels } = config;
  const kernels = config.kernels.map((place) => Array.from(take(buffer, place)));
  return { names, labels, kernels, images: picturesOf(buffer, config.images) };
}

/** What lies under the window around a place: nine pixels, 0 outside of the picture. */
function underWindow(pixels, row, column) {
  return Array.from({ length: 9 }, (_, i) => {
    const [y, x] = [row + ((i / 3) | 0) - 1, column + (i % 3) - 1];
    return y < 0 || x < 0 || y >= SIDE || x >= SIDE ? 0 : pixels[y * SIDE + x];
  });
}

/** The sum of pixel times weight at each place. */
function convolved(pixels, weights) {
  return Array.from({ length: SIDE * SIDE }, (_, at) =>
    underWindow(pixels, (at / SIDE) | 0, at % SIDE).reduce((sum, pixel, i) => sum + pixel * weights[i], 0));
}

/** The places on the way from one to another, without the first. */
function between([fromRow, fromColumn], [toRow, toColumn]) {
  const steps = Math.max(Math.abs(toRow - fromRow), Math.abs(toColumn - fromColumn));
  return Array.from({ length: steps }, (_, i) => {
    const share = (i + 1) / steps;
    return [Math.round(fromRow + share * (toRow - fromRow)), Math.round(fromColumn + share * (toColumn - fromColumn))];
  });
}

function buildMovingWindow({ names, labels, kernels, images }) {
  const styles = `.ae-figure .ae-nine { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.4em; max-width: 24rem; margin: 0.6em 0 0; padding: 0; list-style: none; }
    .ae-figure .ae-nine li { margin: 0; font-size: 0.875rem; font-variant-numeric: tabular-nums; }
    .ae-figure .ae-nine input { width: 100%; }`;
  let [colors, digit, weights] = [LIGHT, 0, [...kernels[0]]];
  let [map, covered] = [convolved(images[0], weights), new Uint8Array(SIDE * SIDE)];
  const start = map.indexOf(map.reduce((a, b) => Math.max(a, b), -Infinity)); // where the kernel finds most
  let place = [(start / SIDE) | 0, start % SIDE];
  const number = (value) => (Math.abs(value) < 0.005 ? 0 : value).toFixed(2).replace("-", "−");
  const given = element("canvas");
  const result = element("canvas", { width: SIDE, height: SIDE });
  const { nodes, say } = sentence();

  function outline(context, w, [row, column], reach) {
    const cell = w / SIDE;
    context.strokeStyle = colors.dark ? "#6cc4ee" : "#0b6e99";
    context.lineWidth = 2.5;
    context.strokeRect((column - reach) * cell, (row - reach) * cell, (2 * reach + 1) * cell, (2 * reach + 1) * cell);
  }
  const sharp = (source) => (context, w, h) => {
    context.imageSmoothingEnabled = false;
    context.drawImage(source, 0, 0, w, h);
    outline(context, w, place, source === given ? 1 : 0);
  };
  const image = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Place of the window", "aria-roledescription": "two-dimensional slider",
    "aria-description": "Arrow keys move the window", "aria-valuemin": 1, "aria-valuemax": SIDE * SIDE, "aria-valuenow": 1 }, sharp(given));
  const drawn = plot({ class: "ae-plane", style: "cursor: default", role: "img", "aria-label": "Map" }, sharp(result));

  /** Ink for what is above 0, the colour of warnings for what is below, a tint where the window has not been. */
  function paintMap() {
    const most = map.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-9);
    const [below, tint] = colors.dark ? [[255, 156, 143], [38, 62, 74]] : [[163, 38, 27], [222, 236, 242]];
    const context = result.getContext("2d");
    const dots = context.createImageData(SIDE, SIDE);
    map.forEach((value, i) => {
      const share = Math.abs(value) / most;
      const to = value < 0 ? below : colors.ink;
      for (let c = 0; c < 3; c++) dots.data[4 * i + c] = covered[i] ? colors.paper[c] + share * (to[c] - colors.paper[c]) : tint[c];
      dots.data[4 * i + 3] = 255;
    });
    context.putImageData(dots, 0, 0);
  }

  const complaint = element("p", { class: "ae-error", role: "alert", style: "margin: 0" });
  const inputs = weights.map((_, i) =>
    element("input", { type: "number", step: "any", min: -99, max: 99, "aria-label": `Weight, row ${((i / 3) | 0) + 1}, column ${(i % 3) + 1}`, oninput: () => edit(i) }));
  const factors = inputs.map(() => element("span"));
  const products = inputs.map(() => element("span"));
  const cells = inputs.map((input, i) => element("li", {}, factors[i], input, products[i]));

  function tell() {
    const [row, column] = place;
    const under = underWindow(images[digit], row, column);
    under.forEach((pixel, i) => {
      factors[i].textContent = `${number(pixel)} ×`;
      products[i].textContent = `= ${number(pixel * weights[i])}`;
    });
    const sum = map[row * SIDE + column];
    const text = `Row ${row + 1}, column ${column + 1}: the nine products add up to ${number(sum)}, and this is the map's value there.`;
    say(text);
    image.canvas.setAttribute("aria-valuenow", row * SIDE + column + 1);
    image.canvas.setAttribute("aria-valuetext", text);
    const count = covered.reduce((a, b) => a + b, 0);
    const [least, most] = [map.reduce((a, b) => Math.min(a, b), Infinity), map.reduce((a, b) => Math.max(a, b), -Infinity)];
    imageCaption.textContent = `The image, ${withArticle(labels[digit])}`;
    mapCaption.textContent = `The map: ${count} of ${SIDE * SIDE} places done. Over the whole image it goes from ${number(least)} to ${number(most)}; what is below 0 is red.`;
    drawn.canvas.setAttribute("aria-label", mapCaption.textContent);
    paintMap();
    image.redraw();
    drawn.redraw();
  }
  function compute() {
    map = convolved(images[digit], weights);
    paint(given, images[digit], colors);
    tell();
  }
  function go(to) {
    for (const [row, column] of between(place, to)) covered[row * SIDE + column] = 1;
    place = to;
    covered[to[0] * SIDE + to[1]] = 1;
    tell();
  }
  function write() {
    inputs.forEach((input, i) => {
      input.value = Number(weights[i].toFixed(2));
      input.setAttribute("aria-invalid", "false");
    });
    complaint.textContent = "";
  }
  function edit(i) {
    const value = inputs[i].value.trim() === "" ? NaN : Number(inputs[i].value);
    const good = Number.isFinite(value) && Math.abs(value) <= 99;
    inputs[i].setAttribute("aria-invalid", String(!good));
    complaint.textContent = good ? "" : "A weight is a number from −99 to 99.";
    if (!good) return; // the last good weight stays in use
    weights[i] = value;
    for (const radio of which.querySelectorAll("input")) radio.checked = radio.value === OWN;
    compute();
  }
  function pick(name) {
    if (name === OWN) return;
    weights = [...kernels[names.indexOf(name)]];
    write();
    compute();
  }

  const within = (at) => Math.min(SIDE - 1, Math.max(0, at));
  const placeAt = ([across, down]) => [within(Math.floor(SIDE * down)), within(Math.floor(SIDE * across))];
  const near = (at) => placeAt(at).every((value, axis) => Math.abs(value - place[axis]) <= 3);
  let drags = false;
  follow(image.canvas, {
    holds: near,
    down: (at, event) => {
      drags = event.pointerType !== "touch" || near(at); // a finger beside the window scrolls the page, or taps
      if (drags) go(placeAt(at));
    },
    move: (at) => { if (drags) go(placeAt(at)); },
    up: (at, kept) => { if (kept && !drags) go(placeAt(at)); },
  });
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  image.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !MOVES[event.key]) return;
    const far = event.shiftKey ? 5 : 1;
    go(place.map((value, axis) => within(value + far * MOVES[event.key][axis])));
    event.preventDefault();
  });
  const turn = (by) => () => {
    digit = (digit + by + labels.length) % labels.length;
    compute();
  };
  const fill = (value) => () => {
    covered.fill(value);
    tell();
  };
  const which = choice("Kernel", [...names, OWN], names[0], pick);
  const [imageCaption, mapCaption] = [0, 1].map(() => element("figcaption"));
  const panel = (canvas, caption) => element("figure", { class: "ae-wide", style: "flex: 1 1 8rem; max-width: 20rem; margin: 0; padding: 0" }, canvas, caption);
  const everything = button("Do all places", fill(1));
  everything.classList.add("ae-main");
  const node = element("div", {},
    element("style", {}, styles),
    element("p", { class: "ae-help" }, "Drag the window over the digit, or move it with the arrow keys. Below are the nine pixels under it, each times its weight. Their sum goes into the map. Choose other weights, or change one."),
    which,
    element("div", { class: "ae-row" }, panel(image.canvas, imageCaption), panel(drawn.canvas, mapCaption)),
    ...nodes,
    element("ul", { class: "ae-nine", "aria-label": "Pixel times weight" }, ...cells), complaint,
    element("div", { class: "ae-row", style: "margin-top: 0.7em" }, everything, button("Empty the map", fill(0)), button("Previous digit", turn(-1)), button("Next digit", turn(1))));
  write();
  covered.fill(1, 0, start + 1); // as if it had come from the top
  compute();
  return {
    node,
    recolor(now) {
      colors = now;
      compute();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = movingWindow(config, buffer);
  return () => buildMovingWindow(parts);
};
