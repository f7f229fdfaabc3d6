// Words on a map: type one, and see which are nearest to it by the cosine of their vectors.

const NEAREST = 10;
const LABELLED = 300; // words that may get a label without being asked for

function wordMap(config, buffer) {
  const models = config.models.map(({ name, vectors }) => ({ name, ...matrix(buffer, vectors) }));
  return { words: config.words, models, places: pointsOf(buffer, config.places), first: config.chosen };
}

/** The words nearest to one of them, nearest first, as [which, cosine]. All vectors have length one. */
function nearestWords({ weight, rows, columns }, which, count) {
  const cosines = Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += weight[i * columns + j] * weight[which * columns + j];
    return [i, sum];
  });
  return cosines.filter(([i]) => i !== which).sort(([, a], [, b]) => b - a).slice(0, count);
}

/** [low, high] in both directions, with a margin. */
function boundsOf(places) {
  return [0, 1].map((axis) => {
    let [low, high] = [Infinity, -Infinity];
    for (const place of places) [low, high] = [Math.min(low, place[axis]), Math.max(high, place[axis])];
    const margin = 0.05 * (high - low || 1);
    return [low - margin, high + margin];
  });
}

/** The word nearest to a place in the direction of an arrow, at least so far away; -1 if there is none. */
function towards(points, from, [dx, dy], least) {
  let [best, shortest] = [-1, Infinity];
  points.forEach(([x, y], i) => {
    const [across, up] = [x - points[from][0], y - points[from][1]];
    const [along, aside] = [across * dx + up * dy, Math.abs(across * dy) + Math.abs(up * dx)];
    if (i === from || along < least || along <= 0 || aside > along) return;
    const far = Math.hypot(across, up);
    if (far < shortest) [best, shortest] = [i, far];
  });
  return best;
}

function buildWordMap({ words, models, places, first }) {
  let [colors, model, which] = [LIGHT, models[0], first];
  const count = Math.min(NEAREST, words.length - 1);
  let nearest = nearestWords(model, which, count);
  let labels = []; // of the last drawing: [word, left, top, right, bottom]
  const numbered = new Map(words.map((word, i) => [word, i]));
  const [[left, right], [low, high]] = boundsOf(places);
  const shares = places.map(([x, y]) => [(x - left) / (right - left), (y - low) / (high - low)]); // from 0 to 1
  const widths = new Map();
  const { nodes, say } = sentence();

  const plane = plot({ class: "ae-plane", tabindex: 0, role: "slider", "aria-label": "Map of words", "aria-roledescription": "map",
    "aria-description": "Arrow keys go to the next word in that direction, with Shift farther; Enter goes to the nearest word by cosine",
    "aria-valuemin": 1, "aria-valuemax": words.length, "aria-valuenow": which + 1 }, (context, w, h) => {
    const [text, soft, dot, accent] = colors.dark ? ["#f0f0f0", "#b8b8b8", "#6a6a6a", "#6cc4ee"] : ["#000", "#595959", "#b0b0b0", "#0b6e99"];
    const at = (i) => [shares[i][0] * w, (1 - shares[i][1]) * h];
    context.fillStyle = dot;
    for (let i = 0; i < words.length; i++) {
      const [x, y] = at(i);
      context.fillRect(x - 1, y - 1, 2, 2);
    }
    labels = [];
    const lines = nearest.map(([i]) => [at(which), at(i)]);
    context.strokeStyle = accent;
    context.lineWidth = 1;
    context.beginPath();
    for (const [from, to] of lines) {
      context.moveTo(...from);
      context.lineTo(...to);
    }
    context.stroke();
    context.textBaseline = "middle";
    context.textAlign = "left";
    label(context, which, at(which), w, h, 16, text, "700");
    for (const [i] of nearest) label(context, i, at(i), w, h, 13, accent, "600");
    for (let i = 0; i < Math.min(LABELLED, words.length); i++) label(context, i, at(i), w, h, 11, soft, "400");
    context.fillStyle = accent;
    for (const [i] of nearest) disc(context, at(i), 3);
    context.fillStyle = text;
    disc(context, at(which), 4.5);
  });

  /** Write a word beside its dot where no other word is; on which side, depends on the room. */
  function label(context, i, [x, y], w, h, size, color, weight) {
    if (labels.some(([word]) => word === i)) return;
    context.font = `${weight} ${size}px system-ui, sans-serif`;
    const key = `${size} ${words[i]}`;
    if (!widths.has(key)) widths.set(key, context.measureText(words[i]).width);
    const [wide, half] = [widths.get(key), 0.6 * size];
    for (const [begin, middle] of [[x + 5, y], [x - 5 - wide, y], [x - wide / 2, y - size], [x - wide / 2, y + size]]) {
      const box = [i, begin, middle - half, begin + wide, middle + half];
      if (box[1] < 2 || box[3] > w - 2 || box[2] < 0 || box[4] > h) continue;
      if (labels.some((other) => box[1] < other[3] && other[1] < box[3] && box[2] < other[4] && other[2] < box[4])) continue;
      context.fillStyle = color;
      context.fillText(words[i], begin, middle);
      labels.push(box);
      return;
    }
  }

  const list = element("ol", { class: "ae-row", style: "list-style: none; margin: 0.5em 0 0; padding: 0; gap: 0.4em", "aria-label": "Nearest words" });
  const offers = element("div", { class: "ae-row", style: "min-height: 44px; gap: 0.4em; align-items: center", role: "status" });
  const search = element("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-label": "Word to look for", value: words[which],
    style: "min-height: 44px; width: 12rem; max-width: 100%; color: var(--ae-text); background: var(--ae-paper); border: 1px solid var(--ae-line); border-radius: 6px; padding: 0.3em 0.5em",
    oninput: () => {
      const typed = search.value.trim().toLowerCase();
      if (numbered.has(typed)) choose(numbered.get(typed));
      offer(typed);
    } });

  function offer(typed) {
    const longer = typed ? words.filter((word) => word.startsWith(typed) && word !== typed).slice(0, 4) : [];
    const missing = typed && !numbered.has(typed) && !longer.length ? [`“${typed}” is none of the ${words.length.toLocaleString("en")} words here.`] : [];
    offers.replaceChildren(...missing, ...longer.map((word) => button(word, () => pick(numbered.get(word)))));
  }

  function choose(i) {
    which = i;
    nearest = nearestWords(model, which, count);
    tell();
  }
  function pick(i) {
    search.value = words[i];
    const [offered, listed] = [offers, list].map((box) => box.contains(document.activeElement));
    offers.replaceChildren();
    choose(i);
    if (offered) search.focus(); // the button that was pressed is gone
    if (listed) list.querySelector("button").focus();
  }

  function tell() {
    plane.redraw();
    const listed = nearest.map(([i, cosine]) => `${words[i]} ${cosine.toFixed(2).replace("-", "−")}`);
    const text = `${words[which]}, word ${which + 1} of ${words.length.toLocaleString("en")} by frequency. Nearest by ${model.name}: ${listed.slice(0, 3).join(", ")}.`;
    say(text);
    plane.canvas.setAttribute("aria-valuenow", which + 1);
    plane.canvas.setAttribute("aria-valuetext", text);
    list.replaceChildren(...nearest.map(([i], place) => element("li", { style: "margin: 0" }, button(listed[place], () => pick(i)))));
  }

  let pressed = null;
  follow(plane.canvas, {
    down: (place) => { pressed = { place, far: false }; },
    move: (place) => { pressed.far ||= Math.hypot(place[0] - pressed.place[0], place[1] - pressed.place[1]) * plane.canvas.clientWidth > 9; },
    up: (place, kept) => {
      if (!kept || pressed.far) return;
      const [w, h] = [plane.canvas.clientWidth, plane.canvas.clientHeight];
      const [x, y] = [place[0] * w, place[1] * h];
      const on = labels.find(([, a, b, c, d]) => x >= a && x <= c && y >= b && y <= d);
      if (on) return pick(on[0]);
      let [best, shortest] = [which, Infinity];
      shares.forEach(([across, up], i) => {
        const far = Math.hypot(across * w - x, (1 - up) * h - y);
        if (far < shortest) [best, shortest] = [i, far];
      });
      pick(best);
    },
  });
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  plane.canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter") pick(nearest[0][0]);
    else if (ARROWS[event.key]) {
      const next = towards(shares, which, ARROWS[event.key], event.shiftKey ? 0.15 : 0.02);
      if (next >= 0) pick(next);
    } else return;
    event.preventDefault();
  });

  const names = models.map(({ name }) => name);
  const node = element("div", {},
    element("p", { class: "ae-help" }, "Type a word, tap one on the map, or use the arrow keys there. Below are the words with the largest cosine, and lines lead to them: near by cosine need not be near on the map, which has two dimensions only."),
    element("div", { class: "ae-row", style: "align-items: center" }, search, offers),
    models.length > 1 ? choice("Vectors from", names, model.name, (name) => { model = models[names.indexOf(name)]; choose(which); }) : "",
    element("div", { style: "max-width: 34rem" }, plane.canvas), ...nodes, list);
  tell();
  return {
    node,
    recolor(now) {
      colors = now;
      plane.redraw();
    },
  };
}

const buildFigure = (config, buffer) => {
  const parts = wordMap(config, buffer);
  return () => buildWordMap(parts);
};
