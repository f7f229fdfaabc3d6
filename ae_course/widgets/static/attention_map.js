// A Transformer reads the reader's own text: what each character looks back at, and what it expects next.

function attentionMap(config, buffer) {
  const { characters, text, longest, heads, context, base, slope, epsilon } = config;
  const block = ({ projected, out, inner, outer }) => ({ projected: affine(buffer, projected), out: affine(buffer, out),
    inner: affine(buffer, inner), outer: affine(buffer, outer) });
  return { characters: Array.from(characters), text, longest,
    network: { heads, context, base, slope, epsilon, embedding: matrix(buffer, config.embedding), blocks: config.blocks.map(block),
      narrow: affine(buffer, config.narrow), scores: affine(buffer, config.scores) } };
}

/** Turn the pairs (j, j + half) of each head by angles that grow with the place. */
function turn(vector, place, size, base) {
  const half = size / 2;
  for (let from = 0; from < vector.length; from += size)
    for (let j = from; j < from + half; j++) {
      const angle = place * base ** (-(j - from) / half);
      const [cos, sin, first, second] = [Math.cos(angle), Math.sin(angle), vector[j], vector[j + half]];
      vector[j] = first * cos - second * sin;
      vector[j + half] = first * sin + second * cos;
    }
}

/** One character more: its keys and values, its weights by layer and head, and the scores of what comes next. */
function readOne({ heads, context, base, slope, epsilon, embedding, blocks, narrow, scores }, token, before) {
  const [place, width] = [before.length, embedding.columns];
  const size = width / heads;
  const first = Math.max(0, place - context + 1);
  let x = embedding.weight.slice(token * width, (token + 1) * width);
  const layers = blocks.map((block, layer) => {
    const projected = multiply(block.projected, normalised(x, epsilon));
    const [query, key, value] = [0, 1, 2].map((part) => projected.slice(part * width, (part + 1) * width));
    turn(query, place, size, base);
    turn(key, place, size, base);
    const seen = [...before.slice(first).map((one) => one.layers[layer]), { key, value }];
    const { found, weights } = lookUp(query, seen, size);
    for (const shares of weights) shares.unshift(...new Array(first).fill(0));
    const plus = (more) => x.map((number, i) => number + more[i]);
    x = plus(multiply(block.out, found));
    x = plus(multiply(block.outer, multiply(block.inner, normalised(x, epsilon)).map(gelu)));
    return { key, value, weights };
  });
  const hidden = multiply(narrow, normalised(x, epsilon)).map((number) => (number > 0 ? number : slope * number));
  return { token, layers, scores: multiply(scores, normalised(hidden, epsilon)) };
}

/** Read a row of tokens; what is the same as before at its beginning is not read again. */
function readAll(network, tokens, before = []) {
  let same = 0;
  while (same < before.length && same < tokens.length && before[same].token === tokens[same]) same++;
  const read = before.slice(0, same);
  for (const token of tokens.slice(same)) read.push(readOne(network, token, read));
  return read;
}

/** The weights of one place in one head of a layer, or their mean over the heads. */
function weightsAt(read, place, layer, head) {
  const all = read[place].layers[layer].weights;
  return head < all.length ? all[head] : all[0].map((_, i) => all.reduce((sum, one) => sum + one[i], 0) / all.length);
}

function buildAttentionMap({ characters, text, longest, network }) {
  const styles = `.ae-figure .ae-look { display: flex; flex-wrap: wrap; margin: 0.6em 0 0; font: 1rem/1.3 ui-monospace, monospace; cursor: pointer; }
    .ae-figure .ae-look > span { width: 1.15em; text-align: center; border-top: 3px solid transparent; }
    .ae-figure .ae-look > span.ae-after { color: var(--ae-soft); }
    .ae-figure .ae-look > span.ae-chosen { border-color: var(--ae-text); font-weight: 700; }
    .ae-figure .ae-look i { display: flex; height: 1.9em; align-items: flex-start; border-bottom: 1px solid var(--ae-line); }
    .ae-figure .ae-look i span { width: 100%; background: var(--ae-accent); forced-color-adjust: none; }
    .ae-figure .ae-look > b { flex-basis: 100%; height: 0; }`;
  const typed = element("textarea", { rows: 2, maxlength: longest, style: "width: 100%; font-family: ui-monospace, monospace", spellcheck: "false", autocapitalize: "off", "aria-label": "Your text" }, text);
  const complaint = element("p", { class: "ae-error", role: "alert", style: "margin: 0" });
  const look = element("div", { class: "ae-look", "aria-hidden": "true" });
  const list = element("ol", { class: "ae-bars", "aria-label": "The likeliest next characters" });
  const { nodes, say } = sentence();
  const which = element("input", { type: "range", min: 1, max: text.length, step: 1, value: text.length, "aria-label": "Character", style: "width: 100%" });
  const layers = network.blocks.map((_, i) => String(i + 1));
  const heads = [...Array.from({ length: network.heads }, (_, i) => String(i + 1)), "mean"];
  let [read, place, layer, head] = [[], text.length - 1, network.blocks.length - 1, 0];
  const name = (i) => spoken(characters[read[i].token]) || `“${characters[read[i].token]}”`;
  const back = (i) => (i === place ? "itself" : `${place - i} back`);

  function show() {
    const weights = weightsAt(read, place, layer, head);
    const largest = Math.max(...weights);
    const cells = read.flatMap(({ token }, i) => {
      const bar = element("span");
      bar.style.height = `${i <= place ? (100 * weights[i]) / largest : 0}%`;
      const cell = element("span", { "data-place": i, class: i > place ? "ae-after" : i === place && "ae-chosen" }, visible(characters[token]), element("i", {}, bar));
      return characters[token] === "\n" ? [cell, element("b")] : [cell];
    });
    look.replaceChildren(...cells);
    which.max = read.length;
    which.value = place + 1;
    which.setAttribute("aria-valuetext", `${name(place)}, ${place + 1} of ${read.length}`);
    const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a]).slice(0, 3);
    const who = heads[head] === "mean" ? `the mean of the heads of layer ${layer + 1}` : `head ${head + 1} of layer ${layer + 1}`;
    say(`From ${name(place)}, character ${place + 1} of ${read.length}, ${who} looks at ${order.map((i) => `${name(i)} (${back(i)}, ${percent(weights[i])})`).join(", ")}. The longest bar is ${percent(largest)}.`);
    const scores = Array.from(read[place].scores);
    const shares = softmax(scores);
    const likeliest = Array.from(shares.keys()).sort((a, b) => shares[b] - shares[a]).slice(0, 6);
    list.replaceChildren(...bars(likeliest.map((i) => ({ name: visible(characters[i]), spoken: spoken(characters[i]), share: shares[i] }))));
  }

  function type() {
    const [clean, refused] = readable(typed.value, characters, "look");
    const asked = Array.from(clean);
    complaint.textContent = refused || (asked.length > longest ? `It reads ${longest} characters at most.` : "");
    typed.setAttribute("aria-invalid", String(Boolean(complaint.textContent)));
    if (complaint.textContent) return; // what was read last stays
    read = readAll(network, asked.map((character) => characters.indexOf(character)), read);
    place = read.length - 1;
    show();
  }

  const go = (to) => { place = Math.min(read.length - 1, Math.max(0, to)); show(); };
  typed.addEventListener("input", type);
  which.addEventListener("input", () => go(Math.round(which.value) - 1));
  look.addEventListener("click", (event) => {
    const cell = event.target.closest("[data-place]");
    if (cell) go(Number(cell.dataset.place));
  });
  const node = element("div", {},
    element("style", {}, styles),
    element("p", { class: "ae-help" }, "Type a text and choose one of its characters, by the slider or with a click. The bars below the text are the weights by which this character looks back; the bars at the end are its guesses of the next one. ¶ is a new line, ␣ a space."),
    typed, complaint, look, which,
    element("div", { class: "ae-row", style: "margin: 0.2em 0 0.4em" }, button("Previous character", () => go(place - 1)), button("Next character", () => go(place + 1))),
    choice("Layer", layers, layers[layer], (text) => { layer = layers.indexOf(text); show(); }),
    choice("Head", heads, heads[head], (text) => { head = heads.indexOf(text); show(); }),
    ...nodes,
    element("div", { style: "max-width: 20rem; margin-top: 0.6em" }, element("p", { class: "ae-help", style: "margin: 0" }, "What comes next, after the chosen character:"), list));
  type();
  return { node, recolor() {} };
}

const buildFigure = (config, buffer) => {
  const parts = attentionMap(config, buffer);
  return () => buildAttentionMap(parts);
};
