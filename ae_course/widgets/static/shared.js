"use strict";
// What the figures share: unpacking, arithmetic, choosing, and the parts that they are built of.
// Everything lives inside one function per figure: nothing global, no request, no storage.

// ---------------------------------------------------------------- unpacking

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

/** A view of one stored array; `place` is [type, offset in bytes, count]. */
function take(buffer, [type, offset, count]) {
  const types = { f4: Float32Array, i1: Int8Array, i2: Int16Array, u1: Uint8Array };
  return new types[type](buffer, offset, count);
}

/** A matrix (rows, columns) as floats: whole numbers times one scale a row. */
function matrix(buffer, { values, scales, rows, columns }) {
  const packed = take(buffer, values);
  if (!scales) return { weight: packed, rows, columns };
  const scale = take(buffer, scales);
  const weight = new Float32Array(packed.length);
  for (let i = 0; i < packed.length; i++) weight[i] = packed[i] * scale[(i / columns) | 0];
  return { weight, rows, columns };
}

function affine(buffer, packed) {
  return { ...matrix(buffer, packed.weight), bias: take(buffer, packed.bias) };
}

/** Layers in order; what is not affine is {op, …} already. */
function layersOf(buffer, packed) {
  return packed.map((layer) => (layer.op === "affine" ? { op: "affine", ...affine(buffer, layer) } : layer));
}

/** Pictures with values from 0 to 1, stored as bytes in which a 0 is followed by how many zeros there are. */
function picturesOf(buffer, { values, count, size }) {
  const packed = take(buffer, values);
  const pixels = new Float32Array(count * size);
  for (let i = 0, at = 0; i < packed.length; i++) {
    if (packed[i]) pixels[at++] = packed[i] / 255;
    else at += packed[++i];
  }
  return Array.from({ length: count }, (_, i) => pixels.subarray(i * size, (i + 1) * size));
}

// ---------------------------------------------------------------- arithmetic

/** weight x + bias. */
function multiply({ weight, bias, rows, columns }, x) {
  const y = new Float32Array(rows);
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = bias[i];
    for (let j = 0; j < columns; j++) sum += weight[at++] * x[j];
    y[i] = sum;
  }
  return y;
}

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

const ELEMENTWISE = {
  relu: () => (x) => (x > 0 ? x : 0),
  leaky_relu: ({ slope }) => (x) => (x > 0 ? x : slope * x),
  tanh: () => Math.tanh,
  sigmoid: () => sigmoid,
};

/** The output of a stack of layers for one input. */
function run(layers, x) {
  for (const layer of layers) x = layer.op === "affine" ? multiply(layer, x) : x.map(ELEMENTWISE[layer.op](layer));
  return x;
}

function meanSquaredError(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return sum / a.length;
}

/** A picture of side `from` made `factor` times smaller: each pixel the mean of a square. */
function pooled(pixels, from, factor) {
  const side = from / factor;
  const small = new Float32Array(side * side);
  for (let y = 0; y < from; y++)
    for (let x = 0; x < from; x++)
      small[((y / factor) | 0) * side + ((x / factor) | 0)] += pixels[y * from + x] / factor ** 2;
  return small;
}

// ---------------------------------------------------------------- chance

/** Numbers from 0 to below 1; the same seed, the same numbers (mulberry32, by Tommy Ettinger, public domain). */
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A standard normal number (Box and Muller, 1958). */
function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

// ---------------------------------------------------------------- parts of a page

/** element("button", { class: "x", onclick: f }, "text", child) */
function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

const button = (text, onclick) => element("button", { type: "button", onclick }, text);

let groups = 0; // radio buttons of one group share a name that no other group has

function choice(legend, names, chosen, onchange) {
  const name = `ae-${Date.now().toString(36)}-${groups++}-${Math.random().toString(36).slice(2)}`;
  const options = names.map((text) =>
    element("label", {},
      element("input", { type: "radio", name, value: text, checked: text === chosen, onchange: () => onchange(text) }), text));
  return element("fieldset", { class: "ae-choice" }, element("legend", {}, legend), ...options);
}

/** A slider with a number beside it. What is typed may leave the slider's range, but not `limits`. */
function dial(label, { min, max, step, value, limits = [min, max], whole = false, empty, onchange }) {
  const slider = element("input", { type: "range", min, max, step, value, "aria-label": label });
  const typed = element("input", { type: "number", min: limits[0], max: limits[1], step: "any", value, "aria-label": `${label}, typed` });
  const complaint = element("span", { class: "ae-error", role: "alert" });
  const kind = whole ? "a whole number" : "a number";
  const say = () => slider.setAttribute("aria-valuetext", empty !== undefined && current === empty ? "off" : String(current));
  let current = value;
  const accept = (number, source) => {
    const good = Number.isFinite(number) && number >= limits[0] && number <= limits[1] && (!whole || Number.isInteger(number));
    complaint.textContent = good ? "" : `${label}: ${kind} from ${limits[0]} to ${limits[1]}, please.`;
    typed.setAttribute("aria-invalid", String(!good));
    if (!good) return; // the last good number stays in use
    current = number;
    if (source !== typed) typed.value = number;
    if (source !== slider) slider.value = number;
    say();
    onchange(number);
  };
  slider.addEventListener("input", () => accept(Number(slider.value), slider));
  typed.addEventListener("input", () => accept(typed.value.trim() === "" ? NaN : Number(typed.value), typed));
  say();
  const node = element("div", { class: "ae-dial" }, element("span", { class: "ae-name", "aria-hidden": "true" }, label), slider, typed, complaint);
  return { node, get value() { return current; }, set: (number) => accept(number) };
}

/** Horizontal bars with names and numbers; the number is text, so everybody can read it. */
function bars(rows) {
  return rows.map(({ name, spoken, share, cut }) => {
    const filled = element("span", { class: "ae-filled" });
    filled.style.width = `${100 * share}%`;
    return element("li", { class: cut && "ae-cut" },
      element("span", { class: "ae-letter", "aria-hidden": spoken !== undefined && "true" }, name),
      spoken === undefined ? "" : element("span", { class: "ae-unseen" }, spoken),
      element("span", { class: "ae-bar", "aria-hidden": "true" }, filled),
      element("span", { class: "ae-number" }, cut ? "cut" : percent(share)));
  });
}

function percent(share) {
  if (share > 0 && share < 0.0005) return "under 0.1 %";
  if (share < 1 && share >= 0.9995) return "over 99.9 %";
  return `${(100 * share).toFixed((share > 0 && share < 0.0995) || (share >= 0.9905 && share < 1) ? 1 : 0)} %`;
}

/** A sentence that changes often: everybody sees it at once, and a screen reader says it when it has settled. */
function sentence() {
  const seen = element("p", { class: "ae-say", "aria-hidden": "true" });
  const said = element("p", { class: "ae-unseen", role: "status" });
  let waiting = 0;
  return {
    nodes: [seen, said],
    say(text) {
      seen.textContent = text;
      clearTimeout(waiting);
      waiting = setTimeout(() => { if (said.textContent !== text) said.textContent = text; }, 700);
    },
  };
}

const stillness = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

const LIGHT = { dark: false, ink: [0, 0, 0], paper: [255, 255, 255] };
const DARK = { dark: true, ink: [240, 240, 240], paper: [26, 26, 26] };

/** LIGHT or DARK, as the page on which the figure stands. */
function inkAndPaper(node) {
  const dot = element("canvas", { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  for (let at = node; at; at = at.parentElement) {
    dot.clearRect(0, 0, 1, 1);
    dot.fillStyle = getComputedStyle(at).backgroundColor; // in whatever way the page writes its colours
    dot.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = dot.getImageData(0, 0, 1, 1).data;
    if (alpha > 127) return 0.299 * red + 0.587 * green + 0.114 * blue < 128 ? DARK : LIGHT;
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  return system && getComputedStyle(document.documentElement).colorScheme.includes("dark") ? DARK : LIGHT;
}

/** Call change() whenever the page's colours may have changed, for as long as the root exists. */
function watchColors(root, change) {
  root.addEventListener("ae-colors", change);
  new ResizeObserver(change).observe(root); // also when JupyterLab takes a cell away and brings it back
  const weak = new WeakRef(root); // a cell that runs again leaves its old figure to be forgotten
  const system = matchMedia("(prefers-color-scheme: dark)");
  const tell = () => {
    const alive = weak.deref();
    if (alive) return requestAnimationFrame(() => alive.dispatchEvent(new Event("ae-colors")));
    watch.disconnect();
    system.removeEventListener("change", tell);
  };
  const watch = new MutationObserver(tell);
  for (const node of [document.documentElement, document.body])
    watch.observe(node, { attributes: true, attributeFilter: ["class", "style", "theme", "data-theme", "data-jp-theme-light", "data-mode"] });
  system.addEventListener("change", tell);
}

/** Paint a square picture, 0 the paper and 1 the ink, on a canvas of one dot a pixel. */
function paint(canvas, pixels, { ink, paper }) {
  const side = Math.round(Math.sqrt(pixels.length));
  if (canvas.width !== side) canvas.width = canvas.height = side;
  const context = canvas.getContext("2d");
  const image = context.createImageData(side, side);
  for (let i = 0; i < pixels.length; i++) {
    const value = Math.min(1, Math.max(0, pixels[i])) || 0;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = paper[c] + value * (ink[c] - paper[c]);
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** A small picture with its caption; show(colors, pixels, caption, words for a reader who cannot see it). */
function picture(title) {
  const canvas = element("canvas", { role: "img", "aria-label": `${title}: empty`, width: 28, height: 28 });
  const caption = element("figcaption", {}, title);
  return {
    node: element("figure", { class: "ae-picture" }, canvas, caption),
    show(colors, pixels, text = title, label = text) {
      paint(canvas, pixels, colors);
      caption.textContent = text;
      canvas.setAttribute("aria-label", label);
    },
  };
}

/** A canvas as sharp as the screen; draw(context, width, height) in CSS pixels, again whenever its size changes. */
function plot(attributes, draw) {
  const canvas = element("canvas", attributes);
  const redraw = () => {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return; // hidden: nothing to draw, and a size to come
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    draw(context, width, height);
  };
  new ResizeObserver(redraw).observe(canvas);
  return { canvas, redraw };
}

/** Follow one pointer from press to release, even outside of the canvas. Places are from 0 to 1 each way;
 *  up(place, kept) is told whether the reader let go, or the browser took the pointer away for a pinch. */
function follow(canvas, { down, move, up }) {
  let pointer = null;
  let last = null; // a canvas that was hidden in the middle has no places any more
  const placeOn = (event) => {
    const box = canvas.getBoundingClientRect();
    if (box.width) last = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return last;
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button || event.ctrlKey) return; // a second finger is for zooming
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    down(placeOn(event), event);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    if (event.buttons) move(placeOn(event));
    else end(event); // released where nobody told us
  });
  const end = (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    up(placeOn(event), event.type !== "pointercancel");
  };
  canvas.addEventListener("pointerup", end);
  canvas.addEventListener("pointercancel", end);
}

// ---------------------------------------------------------------- a start

/** Build the figure in each of its places. Colab may run a script before its place exists: look again, for a while. */
function start(id, styles, build, tries = 200) {
  const places = document.querySelectorAll(`[data-ae-figure="${id}"]:not([data-live])`);
  for (const place of places) {
    place.setAttribute("data-live", "");
    const { node, recolor } = build();
    const root = element("div", { class: "ae-figure" }, element("style", {}, styles), node);
    // or JupyterLab would take the arrow keys for itself
    for (const control of root.querySelectorAll("button, input, textarea, summary, [tabindex]")) control.setAttribute("data-lm-suppress-shortcuts", "true");
    place.replaceChildren(root);
    let colors = null;
    const tint = () => {
      if (!root.isConnected || colors === inkAndPaper(place)) return;
      colors = inkAndPaper(place);
      root.classList.toggle("ae-dark", colors.dark);
      recolor(colors);
    };
    tint();
    watchColors(root, tint);
  }
  if (!places.length && tries) setTimeout(() => start(id, styles, build, tries - 1), 50);
}
