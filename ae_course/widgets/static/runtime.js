"use strict";
// What every figure computes with: unpacking, arithmetic, chance, and its start in the page.
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

/** Points in the plane, stored one after the other. */
function pointsOf(buffer, place) {
  const flat = take(buffer, place);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i], flat[2 * i + 1]]);
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

/** Mean zero and variance one, as a layer norm begins; its scale and shift are in the weights that follow. */
function normalised(x, epsilon) {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  return x.map((value) => (value - mean) / Math.sqrt(variance + epsilon));
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
