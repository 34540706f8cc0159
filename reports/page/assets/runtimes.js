// The runtimes: each rule on each interpreter, and what changed from one to the next.
const runtimeName = (at) => {
  const own = record(at).label;
  const same = [...Array(RECORDS).keys()].filter((other) => record(other).label === own);
  return same.length > 1 ? `${own} (${same.indexOf(at) + 1})` : own;
};
const runtimesPage = () => {
  const columns = [...Array(RECORDS).keys()], of = columns.map((at) => new Map(tallies(record(at)).map((one) => [one.id, one])));
  const ids = Object.keys(TEXTS().rules).concat(...of.map((each) => [...each.keys()])).filter((id, at, all) => all.indexOf(id) === at && of.some((each) => each.has(id)));
  const differs = (id) => new Set(of.map((each) => { const one = each.get(id); return one ? `${one.f}` : "-"; })).size > 1;
  const broken = ids.filter((id) => of.some((each) => (each.get(id) || {}).f > 0) || differs(id));
  const cell = (one) => !one || one.p + one.f + one.c === 0 ? el("td", { class: "none" }, "not judged")
    : el("td", { class: one.f ? "heat-" + (one.f / (one.p + one.f + one.c) < 0.1 ? 2 : 3) : "heat-0" }, one.f ? `✗ ${number(one.f)} of ${number(one.p + one.f + one.c)}` : `✓ ${number(one.p + one.c)}`);
  return [
    el("h1", {}, "Runtimes"),
    el("p", {}, "Each rule on each interpreter: how many of the subjects that were judged by it break it.",
      columns.length < 2 && " The report is of one interpreter; bufspec report with the records of several shows what changed."),
    columns.length > 1 && section("What changed", columns.slice(1).map(whatChanged)),
    section("Rules on each interpreter", broken.length === 0 ? el("p", {}, "No rule is broken on any of them.") : el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Rules on each interpreter" }, el("table", { class: "heat" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Rule"), columns.map((at) => el("th", { scope: "col" }, runtimeName(at))))),
      el("tbody", {}, broken.map((id) => el("tr", { class: differs(id) ? "differs" : null }, el("th", { scope: "row" }, link(["rule", id], code(id)), differs(id) && el("span", { class: "tag new" }, "differs")), of.map((each) => cell(each.get(id)))))))),
      el("p", { class: "quiet" }, `${counted(ids.length - broken.length, "rule")} that nothing breaks on any of them are not shown.`)),
  ];
};
// Compared with the nearest record before it that has one of its subjects: those of another implementation may have none.
const whatChanged = (at) => {
  const before = [...Array(at).keys()].reverse().find((other) => record(at).subjects.some((one) => record(other).byName.has(one.name)));
  if (before === undefined) return [el("h3", {}, runtimeName(at)), el("p", {}, "No runtime before it has one of its subjects.")];
  return [el("h3", {}, `${runtimeName(before)} → ${runtimeName(at)}`), changesList(record(before), record(at))];
};
// What each rule came to on each subject that both have, where it is not the same.
const changesList = (old, now) => {
  const letters = (found, subject) => new Map(subject.rules.map((one) => [found.rules[one[0]], one[1]]));
  const changes = [];
  for (const subject of now.subjects) {
    const before = old.subjects[old.byName.get(subject.name)];
    if (!before) { changes.push([subject.name, null, "new here"]); continue; }
    const was = letters(old, before);
    for (const [id, letter] of letters(now, subject)) {
      const earlier = was.get(id);
      if (earlier && earlier !== letter && (earlier === "f" || letter === "f")) changes.push([subject.name, id, letter === "f" ? "broken now" : `no longer broken: ${OUTCOMES[letter]}`]);
    }
    if (before.state !== subject.state && (before.state === "died" || subject.state === "died")) changes.push([subject.name, null, `${before.verdict} → ${subject.verdict}`]);
  }
  for (const subject of old.subjects) if (!now.byName.has(subject.name)) changes.push([subject.name, null, "no longer here"]);
  if (!changes.length) return el("p", {}, "Nothing: every rule came to the same on every subject.");
  const list = el("ul", { class: "plain" }), more = el("div", { class: "more" });
  portions(list, changes, ([name, id, words]) => el("li", {}, link(["subject", name], code(name)), id && [" ", link(["rule", id], code(id))], `: ${words}`), more);
  return [el("p", { class: "quiet" }, counted(changes.length, "change")), list, more];
};
