// The order of what a search finds: chapters first, then what explains or practises them, then what lists them.
var Scorer = {
  score: ([page, , , , score]) => {
    if (/^book\/\d\d-/.test(page)) return score + 10;
    return /^book\/(teaching|classroom|claims|sources|references|questions\/|exercises\/.*-solution)/.test(page) ? score - 10 : score;
  },
  // Sphinx's own numbers
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
};
