// The plane of codes of several variational autoencoders: noise on a code, and what becomes of its digit.

function shakeTheCabinet(config, buffer) {
  const { first, side, sure, draws, labels } = config;
  const models = config.models.map((model) => ({ ...model,
    points: pointsOf(buffer, model.codes), decoder: layersOf(buffer, model.decoder),
    classes: take(buffer, model.classes), surest: take(buffer, model.surest) }));
  return { models, first, side, sure, draws, labels, shakes: pointsOf(buffer, config.shakes), digits: picturesOf(buffer, config.pictures) };
}

/** The number of the map's cell at a code, row by row from the top left, or −1 beyond the edge. */
function cellAt([x, y], reach, side) {
  const [column, row] = [x, -y].map((value) => Math.floor(((value / reach + 1) / 2) * side));
  return column >= 0 && column < side && row >= 0 && row < side ? row * side + column : -1;
}

/** What the judge reads at a code: a class, or −1 where it is not sure or nothing was asked. */
function readAt(model, code, { side, sure }) {
  const cell = cellAt(code, model.reach, side);
  return cell >= 0 && model.surest[cell] > 255 * sure ? model.classes[cell] : -1;
}

const shaken = (code, sigma, shakes) => shakes.map((shake) => code.map((value, axis) => value + sigma * shake[axis]));

/** How many of the shaken codes are read as `wanted`. */
function stillRead(model, code, sigma, wanted, map) {
  return shaken(code, sigma, map.shakes).filter((one) => readAt(model, one, map) === wanted).length;
}

function buildShakeTheCabinet(map) {
  const { models, side, sure, draws, labels, shakes, digits } = map;
  const SHOWN = 7;
  let [colors, model, digit, sigma] = [LIGHT, models[map.first], 0, 0.3];
  let code = model.points[digit];
  const given = picture("Test digit");
  const drawn = ["Not shaken", ...Array(SHOWN).fill("Shaken")].map(picture);
  const { nodes, say } = sentence();
  const number = (value) => value.toFixed(2).replace("-", "−");
  const onCanvas = ([x, y], w, h) => [(w * (x / model.reach + 1)) / 2, (h * (1 - y / model.reach)) / 2];
  const held = (value) => Math.min(model.reach, Math.max(-model.reach, value));
  const codeAt = ([across, down]) => [held((2 * across - 1) * model.reach), held((1 - 2 * down) * model.reach)];

  const plane = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Plane of codes", "aria-roledescription": "two-dimensional slider",
    "aria-description": "Arrow keys move the ring", "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": 50 }, (context, w, h) => {
    const [text, soft, area, accent] = colors.dark ? ["#f0f0f0", "#8c8c8c", "#33383b", "#6cc4ee"] : ["#1a1a1a", "#767676", "#e3e9ec", "#0b6e99"];
    context.font = `600 ${Math.max(8, Math.min(13, w / side - 1))}px system-ui, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let cell = 0; cell < side * side; cell++) {
      if (model.surest[cell] <= 255 * sure) continue;
      const [column, row] = [cell % side, Math.floor(cell / side)];
      context.fillStyle = area;
      context.fillRect((w * column) / side, (h * row) / side, w / side + 0.5, h / side + 0.5);
      context.fillStyle = text;
      context.fillText(model.classes[cell], (w * (column + 0.5)) / side, (h * (row + 0.5)) / side);
    }
    context.strokeStyle = soft;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.arc(w / 2, h / 2, w / model.reach, 0, 2 * Math.PI); // a radius of 2
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = soft;
    for (const point of model.points) disc(context, onCanvas(point, w, h), 1.5);
    context.fillStyle = accent;
    for (const one of shaken(code, sigma, shakes)) disc(context, onCanvas(one, w, h), 2);
    context.strokeStyle = text;
    context.lineWidth = 3;
    context.beginPath();
    context.arc(...onCanvas(code, w, h), 11, 0, 2 * Math.PI);
    context.stroke();
  });

  function draw() {
    plane.redraw();
    const wanted = readAt(model, code, map);
    drawn[0].show(colors, run(model.decoder, code), "Not shaken", `What the decoder of β = ${model.name} draws at the ring`);
    shaken(code, sigma, shakes.slice(0, SHOWN)).forEach((one, i) => {
      const read = readAt(model, one, map);
      drawn[i + 1].show(colors, run(model.decoder, one), read < 0 ? "not sure" : `read: ${read}`,
        `Shaken code ${i + 1}: ${read < 0 ? "the judge is not sure" : `the judge reads ${withArticle(read)}`}`);
    });
    const stays = stillRead(model, code, sigma, wanted, map);
    const fate = wanted < 0 ? "There the judge is not sure of any digit."
      : `There the judge reads ${withArticle(wanted)}, and so it does for ${percent(stays / shakes.length)} of the shaken codes.`;
    const text = `β = ${model.name}, noise σ = ${sigma}, code (${number(code[0])}, ${number(code[1])}). ${fate} Of codes from the prior it is sure of ${percent(model.read)}.`;
    say(text);
    plane.canvas.setAttribute("aria-valuenow", Math.round(50 * (code[0] / model.reach + 1)));
    plane.canvas.setAttribute("aria-valuetext", text);
  }

  function choose(i) {
    digit = (i + labels.length) % labels.length;
    code = model.points[digit].map(held);
    given.show(colors, digits[digit], `Test digit: ${withArticle(labels[digit])}`);
    draw();
  }

  const near = ([x, y], box) => Math.hypot(...onCanvas(code, box.clientWidth, box.clientHeight).map((at, axis) => at - [x * box.clientWidth, y * box.clientHeight][axis])) <= 28;
  let drags = false;
  const put = (place) => { code = codeAt(place); draw(); };
  follow(plane.canvas, {
    holds: (place) => near(place, plane.canvas),
    down: (place, event) => { drags = event.pointerType === "mouse" || near(place, plane.canvas); },
    move: (place) => { if (drags) put(place); }, // a finger beside the ring scrolls the page, or taps
    up: (place, released) => { if (released) put(place); },
  });
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !ARROWS[event.key]) return;
    const step = (event.shiftKey ? 0.2 : 0.04) * model.reach;
    code = code.map((value, axis) => held(value + step * ARROWS[event.key][axis]));
    draw();
    event.preventDefault();
  });

  const noise = dial("Noise σ", { min: 0, max: 2, step: 0.05, value: sigma, limits: [0, 20], onchange: (value) => { sigma = value; draw(); } });
  const heads = ["β", "size of the codes", "σ of the encoder", "sure of the prior's"].map((text) => element("th", { scope: "col" }, text));
  const rows = models.map((one) => element("tr", {}, element("th", { scope: "row" }, one.name),
    ...[number(one.size), one.width.toFixed(one.width < 0.0995 ? 4 : 2), percent(one.read)].map((value) => element("td", {}, value))));
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Each numeral is what a judge reads in what is drawn there; where it is not sure, the map is empty. Small dots are the codes of test digits, the dashed circle has a radius of 2, and around the ring lie shaken codes. Drag the ring, or use the arrow keys."),
    choice("β", models.map(({ name }) => name), model.name, (name) => { model = models.find((one) => one.name === name); choose(digit); }),
    noise.node,
    element("div", { class: "ae-row" }, button("Previous digit", () => choose(digit - 1)), button("Next digit", () => choose(digit + 1))),
    element("div", { class: "ae-row" },
      element("div", { class: "ae-wide" }, plane.canvas, ...nodes),
      element("div", { class: "ae-pictures" }, given.node, ...drawn.map((one) => one.node))),
    element("details", {}, element("summary", {}, "The models as a table"),
      element("div", { class: "ae-scroll", tabindex: 0, role: "group", "aria-label": "Table of models" }, element("table", {}, element("thead", {}, element("tr", {}, ...heads)), element("tbody", {}, ...rows)))));
  return {
    node,
    recolor(now) {
      colors = now;
      given.show(colors, digits[digit], `Test digit: ${withArticle(labels[digit])}`);
      draw();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = shakeTheCabinet(config, buffer);
  return () => buildShakeTheCabinet(parts);
};
