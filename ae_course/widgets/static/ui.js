// What every figure is built of: buttons, sliders, bars, canvases, and one pointer on them.

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

/** "a 7", "an 8": a digit with its article. */
const withArticle = (digit) => `${/^(8|11$|18$)/.test(digit) ? "an" : "a"} ${digit}`;

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

/** How bright a computed colour is, from 0 to 1, and NaN where what lies behind it shows.
 * Its text is read: a browser that resists fingerprinting answers a look at a canvas with noise. */
function brightness(color) {
  const [, kind, rest] = color.match(/^(\w+)\((?:[a-z][\w-]* )?(.*)\)$/) ?? [];
  const numbers = rest?.replaceAll("none", "0").match(/-?[\d.]+(?:e-?\d+)?/g) ?? [0, 0, 0, 0];
  const [x, y, z, alpha = 1] = numbers.map(Number);
  if (alpha < 0.5) return NaN;
  if (kind.startsWith("ok")) return x; // oklab and oklch begin with the lightness
  if (kind.startsWith("l")) return x / 100; // and so do lab and lch, in percent
  return (0.299 * x + 0.587 * y + 0.114 * z) / (kind.startsWith("rgb") ? 255 : 1);
}

/** LIGHT or DARK, as the page on which the figure stands. */
function inkAndPaper(node) {
  for (let at = node; at; at = at.parentElement) {
    const bright = brightness(getComputedStyle(at).backgroundColor);
    if (bright >= 0) return bright < 0.5 ? DARK : LIGHT;
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

/** A filled disc on a canvas. */
function disc(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

/** Follow one pointer from press to release, even outside of the canvas. Places are from 0 to 1 each way;
 *  up(place, kept) is told whether the reader let go, or the browser took the pointer away for a pinch or a scroll.
 *  A finger that takes hold of something, says holds(place), does not scroll the page. */
function follow(canvas, { down, move, up, holds }) {
  let pointer = null;
  let last = null; // a canvas that was hidden in the middle has no places any more
  const placeOn = (event) => {
    const box = canvas.getBoundingClientRect();
    if (box.width) last = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return last;
  };
  if (holds) canvas.addEventListener("touchstart", (event) => {
    if (!event.cancelable) return; // a page that is still sliding keeps the finger
    if (event.touches.length === 1 && holds(placeOn(event.touches[0]))) event.preventDefault();
  }, { passive: false });
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
