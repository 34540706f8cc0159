// The table of rules, and one rule: what it says, who keeps it, who does not.
const wantedRules = { text: "", area: "", level: "", broken: "" };
const rulesPage = (area, level_) => {
  if (area) Object.assign(wantedRules, { text: "", area, level: level_ || "", broken: "" });
  const found = current(), all = tallies(found).filter((one) => one.p + one.f + one.c + one.s > 0);
  const body = el("tbody"), more = el("div", { class: "more" }), shownCount = el("p", { class: "quiet" });
  const fill = () => {
    const kept = all.filter((one) => (!wantedRules.text || (one.id + " " + one.statement).toLowerCase().includes(wantedRules.text)) && (!wantedRules.area || one.area === wantedRules.area)
      && (!wantedRules.level || one.level === wantedRules.level) && (!wantedRules.broken || (wantedRules.broken === "broken" ? one.f : one.news)));
    portions(body, kept, ruleRow, more);
    shownCount.textContent = kept.length === all.length ? counted(kept.length, "rule") : `${number(kept.length)} of ${counted(all.length, "rule")}`;
  };
  const changed = (key) => (value) => { wantedRules[key] = value; fill(); say(shownCount.textContent); };
  const areas = [...new Set(all.map((one) => one.area))];
  fill();
  return [
    el("h1", {}, "Rules"), versionsLine(found),
    el("div", { class: "filters" },
      search("Find a rule", wantedRules.text, changed("text")),
      choice("Area", [["", "all"], ...areas.map((one) => [one, TEXTS().areas[one] || one])], wantedRules.area, changed("area")),
      choice("Level", [["", "all"], ...LEVELS.slice(0, 3).map((one) => [one, LEVEL_WORDS[one] || one])], wantedRules.level, changed("level")),
      choice("Outcome", [["", "all"], ["broken", "broken by some"], ["new", "newly broken"]], wantedRules.broken, changed("broken"))),
    shownCount,
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Rules" }, el("table", { class: "rules" },
      el("thead", {}, el("tr", {}, ["Rule", "Level", "Impact", "Kept by", "Broken by", "Ambiguous", "Not judged"].map((text) => el("th", { scope: "col" }, text)))), body)), more,
  ];
};
const ruleRow = (one) => el("tr", {},
  el("th", { scope: "row" }, link(["rule", one.id], code(one.id)), el("span", { class: "under" }, one.statement)), el("td", {}, level(one.level)), el("td", {}, one.impact.replace(/_/g, " ")),
  ["p", "f", "c", "s"].map((letter) => el("td", { class: letter === "f" && one.f ? "n o-f" : "n" }, one[letter] ? (letter === "f" ? "✗ " : "") + number(one[letter]) : "–")));

const EDITION_WORDS = { current: "Current documents", 2010: "Founding document (2010)" };
const rulePage = (id) => {
  const found = current(), text = ruleText(id), every = outcomesOf(found, id);
  if (!text && !every.length) return notThere("rule", id);
  const stated = statementOf(id, found.head.edition) || { level: "required", statement: (found.groups.find((one) => one.rule === id) || {}).statement };
  const of = (letter) => every.filter((one) => one[1] === letter);
  return [
    el("p", { class: "path" }, el("a", { href: "#/rules" }, "Rules"), text && [" / ", el("a", { href: `#/rules/${encodeURIComponent(text.area)}` }, TEXTS().areas[text.area] || text.area)]),
    el("h1", {}, code(id)),
    el("p", { class: "tags" }, level(stated.level), text && impact(text.impact), text && el("span", { class: "tag" }, "binds " + text.binds.join(", "))),
    el("p", { class: "statement large" }, stated.statement),
    text && text.hint && el("p", { class: "fix" }, el("strong", {}, "How to follow it: "), text.hint),
    text && section("Editions", el("div", { class: "editions" }, Object.entries(TEXTS().editions).map(([name, title]) => {
      const one = text.editions[name];
      return el("div", { class: "edition" }, el("h3", {}, EDITION_WORDS[name] || name), el("p", { class: "quiet" }, title),
        one ? [el("p", {}, level(one.level), one.id && code(one.id)), el("p", {}, one.statement)] : el("p", {}, "The rule does not hold in this edition."));
    }))),
    text && text.readings.length > 0 && section("Interpretations", el("p", {}, "The documents leave this open; a subject may follow any of these."),
      el("dl", { class: "terms" }, text.readings.map((one) => [el("dt", {}, one.name), el("dd", {}, one.statement, one.evidence && el("span", { class: "quiet" }, ` (${one.evidence})`),
        ` Followed by ${counted(((found.followed[id] || {})[one.name]) || 0, "subject")}.`)]))),
    section("Who follows it", ["f", "c", "p", "s"].map((letter) => {
      const some = of(letter);
      return some.length > 0 && lazy([outcomeTag(letter), " ", counted(some.length, "subject")], () => {
        const list = el("ul", { class: "columns" }), more = el("div", { class: "more" });
        portions(list, some, ([subject, , cases, extra, fresh, flaky]) => el("li", {}, link(["subject", subject.name], subject.name), letter === "f" && [` in ${number(extra)} of ${counted(cases, "case")}${flaky === undefined ? "" : found.texts[flaky]} `, isNew(fresh)],
          (letter === "c" || letter === "s") && el("span", { class: "quiet" }, " " + found.texts[extra])), more);
        return [list, more];
      }, letter === "f");
    })),
    text && section("Sources", el("ul", {}, text.sources.map((one) => el("li", {}, outside(one.url, one.title), one.part && `, ${one.part}`, one.clauses.length > 0 && ` (${one.clauses.join(", ")})`,
      el("span", { class: "quiet" }, ` ${one.version}`))))),
    text && text.mutants.length > 0 && section("Mutants", el("p", {}, "Subjects that break this rule on purpose, to show that it is noticed."),
      el("dl", { class: "terms" }, text.mutants.map((one) => [el("dt", {}, found.byName.has(one.name) ? link(["subject", one.name], code(one.name)) : code(one.name)), el("dd", {}, one.note)]))),
  ];
};
