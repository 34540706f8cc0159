// The table of subjects, and one subject.
const SORTS = {
  subject: (a, b) => a.name.localeCompare(b.name),
  kind: (a, b) => a.target.localeCompare(b.target),
  verdict: (a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state),
  profile: (a, b) => profileRank(a) - profileRank(b),
  kept: (a, b) => b.counts[0] - a.counts[0],
  broken: (a, b) => b.counts[1] - a.counts[1],
  advice: (a, b) => b.counts[2] - a.counts[2],
  ambiguous: (a, b) => b.counts[3] - a.counts[3],
  "not judged": (a, b) => b.counts[4] - a.counts[4],
};
const STATE_ORDER = ["died", "breaks", "error", "undecided", "unjudged", "known", "advice", "conforms"];
const STATE_WORDS = {
  died: "crashes, hangs, exits", breaks: "breaks new rules", error: "error", undecided: "undecided", unjudged: "nothing required judged",
  known: "known failures only", advice: "conforms, with recommendations", conforms: "conforms",
};
const profileRank = (one) => TEXTS().classes.findIndex((each) => each.name === one.profile);
const wanted = { text: "", state: "", kind: "", profile: "", sort: "verdict", down: false };

const subjectTable = (found) => {
  const body = el("tbody"), more = el("div", { class: "more" });
  const shownCount = el("p", { class: "quiet" });
  const heads = Object.keys(SORTS).map((name) => {
    const button = el("button", { type: "button" }, name[0].toUpperCase() + name.slice(1));
    button.addEventListener("click", () => { wanted.down = wanted.sort === name && !wanted.down; wanted.sort = name; fill(); });
    return el("th", { scope: "col", "data-sort": name }, button);
  });
  const fill = () => {
    const kept = found.subjects.filter((one) => (!wanted.text || one.name.toLowerCase().includes(wanted.text)) && (!wanted.state || one.state === wanted.state)
      && (!wanted.kind || one.target === wanted.kind) && (!wanted.profile || one.profile === wanted.profile));
    kept.sort(SORTS[wanted.sort]);
    if (wanted.down) kept.reverse();
    for (const head of heads)
      if (head.dataset.sort === wanted.sort) head.setAttribute("aria-sort", wanted.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    portions(body, kept, subjectRow, more);
    shownCount.textContent = kept.length === found.subjects.length ? counted(kept.length, "subject") : `${number(kept.length)} of ${counted(found.subjects.length, "subject")}`;
  };
  const changed = (key) => (value) => { wanted[key] = value; fill(); say(shownCount.textContent); };
  const states = STATE_ORDER.filter((state) => found.subjects.some((one) => one.state === state));
  const kinds = [...new Set(found.subjects.map((one) => one.target))];
  const left = Object.entries(found.more).map(([kind, value]) => `${number(value)} ${kind}`).join(", ");
  fill();
  return section("Subjects",
    el("div", { class: "filters" },
      search("Find a subject", wanted.text, changed("text")),
      choice("Verdict", [["", "all"], ...states.map((state) => [state, STATE_WORDS[state]])], wanted.state, changed("state")),
      choice("Kind", [["", "all"], ...kinds.map((kind) => [kind, kind])], wanted.kind, changed("kind")),
      choice("Profile", [["", "all"], ...[...TEXTS().classes].reverse().map((one) => [one.name, one.name]), ["none", "none"]], wanted.profile, changed("profile"))),
    shownCount,
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Table of subjects" }, el("table", { class: "subjects" },
      el("thead", {}, el("tr", {}, heads, el("th", { scope: "col" }, "Granted or accepted"))), body)), more,
    left && el("p", { class: "quiet" }, `Not listed: ${left}.`));
};
const subjectRow = (one) => el("tr", {},
  el("th", { scope: "row" }, link(["subject", one.name], one.name)), el("td", {}, one.target), el("td", {}, verdict(one)),
  el("td", {}, profileTag(one.profile)), one.counts.map((value) => el("td", { class: "n" }, value ? number(value) : "–")),
  el("td", { class: "n" }, one.exercised || "–"));

const subjectPage = (name) => {
  const found = current(), at = found.byName.get(name);
  if (at === undefined) return notThere("subject", name);
  const one = found.subjects[at], groups = [...(found.groupsOf.get(at) || [])];
  const order = (group) => [group.rule ? 1 : 0, group.news ? 0 : 1, LEVELS.indexOf(group.level), IMPACTS.indexOf(group.impact)];
  groups.sort((a, b) => order(a).reduce((sum, value, i) => sum || value - order(b)[i], 0));
  const list = el("div"), more = el("div", { class: "more" });
  portions(list, groups, (group) => failureGroup(found, one, group, groups.indexOf(group) < 3), more);
  return [
    el("p", { class: "path" }, el("a", { href: "#/" }, "Subjects"), " / ", one.target),
    el("h1", {}, one.name),
    el("p", { class: "headline" }, verdict(one), " ", el("span", { class: "quiet" }, one.profile === "none" ? "no profile" : "profile "), one.profile !== "none" && profileTag(one.profile)),
    one.does && el("p", {}, `Profile ${one.profile}: ${one.does}.`),
    one.undecided && el("p", {}, "Undecided: ", one.undecided.reason, ".", one.undecided.because && [" Known: ", one.undecided.because, " ", outside(one.undecided.link, "more")]),
    one.error && el("p", {}, "Not judged completely: ", one.error),
    one.reason && el("p", {}, one.reason),
    el("p", { class: "quiet" }, [`${counted(one.cases, "case")}`, one.exercised && `${one.exercised} ${one.target === "consumer" ? "memories accepted" : "requests granted"}`,
      one.skipped > 0 && `${counted(one.skipped, "case")} skipped`, one.deaths > 0 && counted(one.deaths, "crash").replace("crashs", "crashes"), `${one.seconds} s`].filter(Boolean).join(" · ")),
    groups.length > 0 && section("Broken rules", list, more),
    Object.keys(one.tried).length > 0 && section(one.target === "consumer" ? "Memory accepted" : "Requests granted", triedTable(one)),
    one.costs && section("Costs", costTable([one])),
    one.notes && section("Notes", el("ul", {}, one.notes.map((note) => el("li", {}, note)))),
    one.operations && el("p", { class: "quiet" }, "Mutations tried while exported: ", one.operations.join(", ")),
    section("All rules", lazy(`${counted(one.rules.length, "rule")}, what each came to`, () => ruleOutcomes(found, one), groups.length === 0)),
  ];
};
const triedTable = (one) => {
  const isConsumer = one.target === "consumer";
  const rows = isConsumer ? TEXTS().classes.map((each) => [each.name, each.name, each.memory])
    : TEXTS().classes.flatMap((each) => each.compounds.map((name) => [name, each.name, each.name]));
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "By class" }, el("table", { class: "tried" },
    el("thead", {}, el("tr", {}, [isConsumer ? "Memory" : "Request", isConsumer ? "Which is" : "Class", isConsumer ? "Accepted" : "Granted", "Required rules broken there"].map((text) => el("th", { scope: "col" }, text)))),
    el("tbody", {}, rows.map(([name, its, words]) => {
      const [given, accepted] = one.tried[name] || [0, 0], broken = one.weak[its] || [];
      return el("tr", {}, el("th", { scope: "row" }, code(name)), el("td", {}, words),
        el("td", {}, given ? `${accepted === given ? "✓ all of" : accepted ? `${number(accepted)} of` : "– none of"} ${number(given)}` : "not tried"),
        el("td", {}, broken.length ? ["✗ ", broken.map((id, at) => [at > 0 && ", ", link(["rule", id], code(id))])] : "–"));
    }))));
};
// What requests, releases and reads cost, the dearest requests first.
const costTable = (subjects) => {
  const body = el("tbody"), more = el("div", { class: "more" });
  const dearest = subjects.filter((one) => one.costs).sort((a, b) => b.costs.ratio - a.costs.ratio);
  portions(body, dearest, (one) => el("tr", {}, el("th", { scope: "row" }, link(["subject", one.name], one.name)),
    one.costs.words.map((words) => el("td", { class: "n" }, words))), more);
  return [
    el("p", { class: "quiet" }, "Medians, and how many times as much as with a bytearray of the same size, in the same process."),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Costs" }, el("table", { class: "costs" },
      el("thead", {}, el("tr", {}, ["Subject", "Bytes", "Request", "Release", "Full read"].map((text, at) => el("th", { scope: "col", class: at ? "n" : null }, text)))), body)),
    more,
  ];
};
const ruleOutcomes = (found, one) => el("table", {},
  el("thead", {}, el("tr", {}, ["Rule", "Outcome", "Cases", ""].map((text) => el("th", { scope: "col" }, text || el("span", { class: "hidden" }, "More"))))),
  el("tbody", {}, one.rules.map(([id, letter, cases, extra, , flaky]) => el("tr", {},
    el("th", { scope: "row" }, link(["rule", found.rules[id]], code(found.rules[id]))), el("td", {}, outcomeTag(letter)), el("td", { class: "n" }, number(cases)),
    el("td", {}, letter === "f" ? [`broken in ${number(extra)}`, flaky === undefined ? "" : found.texts[flaky]] : letter === "s" || letter === "c" ? found.texts[extra] : "")))));
const outcomeTag = (letter) => el("span", { class: "outcome o-" + letter }, el("span", { class: "mark", "aria-hidden": "true" }, { p: "✓", f: "✗", c: "≈", s: "–" }[letter]), OUTCOMES[letter]);
const notThere = (what, name) => [el("h1", {}, "Not in this report"), el("p", {}, `There is no ${what} ${name} here. `, el("a", { href: "#/" }, "Overview"))];
