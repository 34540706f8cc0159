// The pairs: exporters down, consumers across; a cell's detail below.
const PAIR_OUTCOMES = { ".": ["·", "passes"], r: ["–", "refused"], s: ["", "skipped"], f: ["✗", "fails"], c: ["✖", "crashes"], h: ["✖", "hangs"], e: ["✖", "exits"], x: ["✖", "corrupt"], " ": ["", "not tried"] };
const FAULTS = { exporter: ["E", "exporter at fault"], consumer: ["C", "consumer at fault"], both: ["B", "both at fault"], contested: ["A", "ambiguous rule, interpretations differ"], unexplained: ["U", "unexplained"] };
const ROWS_SHOWN = 60, COLUMNS_SHOWN = 80;
const wantedPairs = { exporter: "", consumer: "", fault: "" };
let widened = false;

const pairsPage = (exporter, consumer) => {
  const found = block("pairs-0");
  const holder = el("div"), detail = el("div", { id: "detail", tabindex: "-1" }), shownCount = el("p", { class: "quiet" });
  const draw = () => { holder.replaceChildren(...[matrix(found, shownCount, exporter, consumer)].flat()); };
  const changed = (key) => (value) => { wantedPairs[key] = value; draw(); say(shownCount.textContent); };
  draw();
  if (exporter !== undefined) add(detail, pairDetail(found, exporter, consumer));
  const faults = [...new Set(found.rows.flatMap((row) => Object.values(row.failed).map((one) => one.fault)))];
  return [
    el("h1", {}, "Pairs of exporters and consumers"), versionsLine({ head: { platform: "", ...found.head } }),
    pairSummary(found), outdatedSection(found.outdated),
    el("div", { class: "filters" },
      search("Find an exporter", wantedPairs.exporter, changed("exporter")), search("Find a consumer", wantedPairs.consumer, changed("consumer")),
      choice("Show", [["", "all pairs"], ["any", "those that fail"], ["new", "new failures"], ...faults.map((one) => [one, FAULTS[one][1]])], wantedPairs.fault, changed("fault"))),
    shownCount, legend(), holder, detail,
  ];
};
const pairSummary = (found) => el("p", {}, `${counted(found.foot.pairs, "pair")}: `,
  Object.entries(found.foot.outcomes).map(([name, value]) => `${number(value)} ${name}`).join(", "),
  Object.keys(found.foot.faults).length > 0 && `. At fault: ${Object.entries(found.foot.faults).map(([name, value]) => `${name} ${number(value)}`).join(", ")}`, ".",
  !found.foot.complete && el("strong", {}, " The run is incomplete."));
const legend = () => el("ul", { class: "legend", "aria-label": "Legend" },
  [["o-pass", "·", "passes"], ["o-refused", "–", "refused"], ...Object.entries(FAULTS).map(([key, [letter, words]]) => ["f-" + key, letter, words])]
    .map(([kind, letter, words]) => el("li", {}, el("span", { class: "cell " + kind, "aria-hidden": "true" }, letter), " ", words)),
  el("li", {}, el("span", { class: "cell fresh", "aria-hidden": "true" }, "✗"), " new: framed"));

const matches = (row, at) => {
  const one = row.failed[at];
  if (!wantedPairs.fault) return true;
  if (!one) return wantedPairs.fault === "any" && "fchex".includes(row.outcomes[at] || " ");
  return wantedPairs.fault === "any" || (wantedPairs.fault === "new" ? one.news : one.fault === wantedPairs.fault);
};
const matrix = (found, shownCount, exporter, consumer) => {
  let columns = found.consumers.map((name, at) => at).filter((at) => !wantedPairs.consumer || found.consumers[at].toLowerCase().includes(wantedPairs.consumer));
  let rows = found.rows.filter((row) => !wantedPairs.exporter || row.name.toLowerCase().includes(wantedPairs.exporter));
  if (wantedPairs.fault) {
    rows = rows.filter((row) => columns.some((at) => matches(row, at)));
    columns = columns.filter((at) => rows.some((row) => matches(row, at)));
  }
  const all = [rows.length, columns.length];
  if (!widened) { rows = rows.slice(0, ROWS_SHOWN); columns = columns.slice(0, COLUMNS_SHOWN); }
  shownCount.textContent = `${counted(rows.length, "exporter")} and ${counted(columns.length, "consumer")} of ${number(found.rows.length)} and ${number(found.consumers.length)}`;
  if (!rows.length || !columns.length) return [el("p", {}, "No pair is like that.")];
  const table = el("table", { class: "matrix", role: "grid", "aria-label": "Outcome of each pair" },
    el("thead", {}, el("tr", {}, el("td", {}), columns.map((at) => el("th", { scope: "col" }, el("span", {}, found.consumers[at]))))),
    el("tbody", {}, rows.map((row) => el("tr", {}, el("th", { scope: "row" }, row.name), columns.map((at) => pairCell(found, row, at))))));
  // The Tab key comes to one cell, that of the pair that is open below; arrows lead to the others.
  const opened = rows.findIndex((row) => row.name === exporter), at = columns.indexOf(found.consumers.indexOf(consumer));
  table.tBodies[0].rows[Math.max(opened, 0)].cells[opened < 0 || at < 0 ? 1 : at + 1].tabIndex = 0;
  table.addEventListener("click", (event) => openPair(event.target.closest("td[data-at]"), found));
  table.addEventListener("keydown", (event) => moveInGrid(event, table, found));
  const cut = all[0] > rows.length || all[1] > columns.length;
  return [el("div", { class: "scroll wide" }, table),
    cut && el("p", { class: "more" }, el("button", { type: "button", on: { click: () => { widened = true; show(); } } }, `Show all ${number(all[0])} × ${number(all[1])}`))].filter(Boolean);
};
const pairCell = (found, row, at) => {
  const letter = row.outcomes[at] || " ", one = row.failed[at];
  const [mark, words] = PAIR_OUTCOMES[letter];
  const kind = one ? `f-${one.fault}${one.news ? " fresh" : ""}` : letter === "." ? "o-pass" : letter === "r" ? "o-refused" : "fchex".includes(letter) ? "f-unexplained" : "o-none";
  const says = `${row.name}, ${found.consumers[at]}: ${words}${one ? ", " + FAULTS[one.fault][1] + (one.news ? ", new" : ", known") : ""}`;
  return el("td", { class: "cell " + kind + (matches(row, at) ? "" : " dim"), tabindex: "-1", "data-at": at, "data-row": found.rows.indexOf(row), "aria-label": says, title: says,
    "data-mark": one ? (letter === "f" ? "" : mark) + FAULTS[one.fault][0] : mark });
};
const openPair = (cell, found) => {
  if (cell) location.hash = "#/pairs/" + [found.rows[cell.dataset.row].name, found.consumers[cell.dataset.at]].map(encodeURIComponent).join("/");
};
const moveInGrid = (event, table, found) => {
  const cell = event.target.closest("td[data-at]");
  if (!cell) return;
  if (event.key === "Enter" || event.key === " ") { event.preventDefault(); openPair(cell, found); return; }
  const far = cell.parentElement.cells.length;
  const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, 1 - cell.cellIndex], End: [0, far - 1 - cell.cellIndex] }[event.key];
  if (!step) return;
  event.preventDefault();
  const row = table.tBodies[0].rows[cell.parentElement.sectionRowIndex + step[0]];
  const next = row && row.cells[cell.cellIndex + step[1]];
  if (next && next.dataset.at !== undefined) { cell.tabIndex = -1; next.tabIndex = 0; next.focus(); }
};
const pairDetail = (found, exporter, consumer) => {
  const row = found.rows.find((one) => one.name === exporter), at = found.consumers.indexOf(consumer);
  if (!row || at < 0) return [el("p", {}, "There is no such pair here.")];
  const one = row.failed[at], words = PAIR_OUTCOMES[row.outcomes[at] || " "][1];
  const title = el("h2", { id: "pair", tabindex: "-1" }, exporter, " → ", consumer);
  if (!one) return [el("section", { class: "card" }, title, el("p", {}, `The pair ${words}.`, row.skipped && row.skipped[consumer] && ` ${row.skipped[consumer]}`))];
  const side = (name, rules) => rules && rules.length > 0 && [el("h3", {}, `Rules that the ${name} breaks`), rules.map((each) => el("div", { class: "side" }, el("p", {}, ruleName(each.rule), " in ", code(each.case), each.beyond && el("span", { class: "quiet" }, " with other flags or another memory than this pair's")), comparison(each.expected, each.found)))];
  return [el("section", { class: "card", "aria-labelledby": "pair" }, title,
    el("p", {}, el("span", { class: "cell f-" + one.fault, "aria-hidden": "true" }, FAULTS[one.fault][0]), " ", el("strong", {}, one.says), " ", isNew(one.news)),
    one.statement && el("p", { class: "statement" }, one.statement),
    one.because && el("p", { class: "excuse" }, "Known: ", one.because, " ", outside(one.link || "", one.link || "")),
    el("h3", {}, "What is wrong"), (one.symptoms || []).map(([kind, expected, got]) => el("div", {}, el("p", { class: "label" }, kind.replace(/_/g, " ")), comparison(expected, got))),
    one.words && el("p", {}, "Requests made: ", one.words.map((word, i) => [i > 0 && ", ", code(word)])),
    side("exporter", one.exporter), side("consumer", one.consumer),
    one.readings && [el("h3", {}, "Interpretations"), one.readings.map((each) => el("p", {}, ruleName(each.rule), `: the exporter follows ${each.exporter}, ours ${each.ours}.`))],
    one.reason && el("p", {}, one.reason), one.hint && el("p", { class: "fix" }, el("strong", {}, "How to fix: "), one.hint),
    el("p", { class: "label" }, "Replay this pair"), command(one.replay, "the replay command"))];
};
const ruleName = (id) => (RECORDS > 0 && ruleText(id) ? link(["rule", id], code(id)) : code(id));
