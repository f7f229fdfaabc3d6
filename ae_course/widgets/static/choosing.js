// From scores to a choice: temperature, top-k, top-p, as the package's `filter_logits` does it.

/** exp(scores / temperature), divided by their sum; at temperature 0 all of it goes to the largest score. */
function softmax(scores, temperature = 1) {
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const first = scores.indexOf(largest);
  const powers = Array.from(scores, (score, i) => (temperature === 0 ? Number(i === first) : Math.exp((score - largest) / temperature)));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The probabilities by which to draw: the k likeliest (0: all), and of these the fewest that reach p together. */
function probabilities(scores, { temperature, topK, topP }) {
  const shares = softmax(scores, temperature);
  const order = Array.from(shares.keys()).sort((a, b) => scores[b] - scores[a]);
  const kept = order.slice(0, topK || order.length);
  const total = kept.reduce((sum, i) => sum + shares[i], 0);
  const result = new Array(shares.length).fill(0);
  let [reached, sum] = [0, 0];
  for (const i of kept) {
    if (reached >= topP && topP < 1) break; // those before it reach p: it is not needed
    reached += shares[i] / total;
    result[i] = shares[i];
    sum += shares[i];
  }
  return result.map((share) => share / sum);
}

/** The place where a random number from 0 to 1 falls among the shares. */
function draw(shares, random) {
  let left = random();
  for (let i = 0; i < shares.length; i++) if ((left -= shares[i]) < 0) return i;
  return shares.reduce((best, share, i) => (share > shares[best] ? i : best), 0); // rounding left a crumb
}

const SHOWN = { " ": ["␣", "space"], "\n": ["¶", "new line"] };
const visible = (character) => (SHOWN[character] || [character])[0];
const spoken = (character) => (SHOWN[character] || [character])[1];

/** What was typed as the network can read it, and what is wrong with it: small letters where it knows no capitals. */
function readable(text, characters, use = "begin") {
  const asked = Array.from(text.replace(/\r\n?/g, "\n"), (c) => (characters.includes(c) ? c : c.toLowerCase())).join("");
  const strange = [...new Set(Array.from(asked).filter((character) => !characters.includes(character)))];
  if (strange.length)
    return [asked, `The network has never seen ${strange.slice(0, 5).map((c) => `“${c}”`).join(", ")}. It knows ${characters.map(visible).join("")}.`];
  return [asked, asked ? "" : `It needs at least one character to ${use} from.`];
}
