// One step of attention, and what a Transformer's block computes with besides.

/** x times the share of a standard normal below x (Abramowitz and Stegun, 7.1.26: off by 2e-7 at most). */
function gelu(x) {
  const t = 1 / (1 + (0.3275911 * Math.abs(x)) / Math.SQRT2);
  const tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * Math.exp((-x * x) / 2);
  return (x / 2) * (x < 0 ? tail : 2 - tail);
}

/** For each head, how well the query fits each key, and the mean of the values with these weights. */
function lookUp(query, seen, size) {
  const found = new Float32Array(query.length);
  const weights = [];
  for (let from = 0; from < query.length; from += size) {
    const fits = seen.map(({ key }) => {
      let sum = 0;
      for (let j = from; j < from + size; j++) sum += query[j] * key[j];
      return sum / Math.sqrt(size);
    });
    const shares = softmax(fits);
    shares.forEach((share, i) => { for (let j = from; j < from + size; j++) found[j] += share * seen[i].value[j]; });
    weights.push(shares);
  }
  return { found, weights };
}
