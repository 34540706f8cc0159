// The overview: the verdict in a sentence, what is new, where rules break, and every subject.
const overview = () => {
  const found = current();
  const { head, foot, subjects, news } = found;
  const count = (...states) => subjects.filter((one) => states.includes(one.state)).length;
  const died = found.groups.filter((one) => !one.rule && one.news);
  const undecided = subjects.filter((one) => one.undecided || one.error);
  const openOnes = undecided.filter((one) => one.error || one.undecided.news);
  const broken = news.filter((one) => one.level === "required").length;
  const fresh = [
    broken && `${counted(broken, "rule")} newly broken`, died.length && (died.length > 1 ? `${number(died.length)} crashes, hangs or exits` : "1 crash, hang or exit"),
    openOnes.length && `${counted(openOnes.length, "subject")} undecided`, found.outdated.length && counted(found.outdated.length, "outdated expectation"),
  ].filter(Boolean).join(", ");
  return [
    el("h1", {}, "Buffer protocol report"),
    versionsLine(found),
    RECORDS > 1 && recordChoice(),
    el("div", { class: fresh ? "banner bad" : "banner good" },
      el("p", { class: "headline" }, el("span", { class: "mark", "aria-hidden": "true" }, fresh ? "✗" : "✓"),
        fresh || "Nothing new is broken"),
      el("p", {}, `${number(foot.conforming)} of ${number(foot.subjects)} subjects follow the protocol. ` +
        `${number(foot.cases)} cases were run${foot.answers ? `, ${number(foot.answers)} answers judged` : ""}.`),
      !foot.complete && el("p", {}, el("strong", {}, "The run is incomplete: "), foot.reason || "a subject could not be judged", ".")),
    howToRead(),
    el("ul", { class: "figures" }, [
      ["conform", count("conforms", "advice")], ["break new rules", count("breaks", "died")],
      ["have known failures only", count("known")], ["undecided", count("undecided", "unjudged", "error")],
    ].map(([words, value]) => el("li", {}, el("strong", {}, number(value)), el("span", {}, words)))),
    newSection(found, died),
    undecided.length > 0 && section("Undecided", el("p", {}, "Nothing of these could be judged."),
      el("ul", { class: "plain" }, undecided.map((one) => el("li", {}, link(["subject", one.name], code(one.name)), ": ",
        one.error || one.undecided.reason, one.undecided && one.undecided.because && [". Known: ", one.undecided.because])))),
    outdatedSection(found.outdated),
    subjectTable(found),
    section("Rules by area and level", heatMap(found)),
    section("Profiles", profileTable(found)),
    subjects.some((one) => one.costs) && section("Costs", costTable(subjects)),
  ];
};
const outdatedSection = (outdated) => outdated.length > 0 && cardsSection("Outdated expectations", outdated.map((one) =>
  el("li", { class: "card" }, el("h3", {}, code(one.rule), " of ", code(one.subject)), el("p", {}, `${one.wrong}. Listed because: ${one.because}`),
    el("p", { class: "quiet" }, one.where), el("p", { class: "label" }, "Fix"),
    one.fix.startsWith("bufspec ") ? command(one.fix, `the command that fixes the entry of ${one.subject}`) : el("p", {}, `${one.fix}.`))));
const versionsLine = (found) => el("p", { class: "quiet" },
  Object.entries(found.head.versions).map(([name, text]) => `${name} ${text}`).join(" · "),
  found.head.platform && ` · ${found.head.platform}`, ` · edition ${found.head.edition} · ${found.head.started.replace("T", " ").slice(0, 16)}`);
const recordChoice = () => choice("Record", [...Array(RECORDS).keys()].map((at) => [String(at), runtimeName(at)]),
  String(chosen), (value) => { chosen = Number(value); show(); });
const howToRead = () => lazy("How to read this page", () => el("dl", { class: "terms" }, [
  ["Buffer protocol", "How Python objects lend their memory to each other: bytes, array, NumPy, images and C extensions use it (PEP 3118)."],
  ["Subject", "What is judged: an exporter, which lends memory; a consumer, which reads or fills it; or a function of Python itself."],
  ["Rule", "One demand of the protocol. Only broken required rules count against a subject; recommended ones are advice; ambiguous ones are left open by the documents."],
  ["Known", "An expectation lists this failure, with a reason and a link. Everything else is new."],
  ["Profile", "How rich the requests are that an exporter answers right, or the memory that a consumer reads right."],
].map(([term, text]) => [el("dt", {}, term), el("dd", {}, text)])));

const newSection = (found, died) => {
  const grave = found.news.filter((one) => one.level === "required"), advice = found.news.filter((one) => one.level !== "required");
  return [
    grave.length + died.length > 0 && cardsSection("New failures", [...died.map((one) => deathCard(found, one)), ...grave.map(ruleCard)]),
    advice.length > 0 && cardsSection("Recommendations not followed", advice.map(ruleCard)),
  ];
};
const deathCard = (found, one) => {
  const subject = found.subjects[one.subject], first = one.shown[0] || {};
  return el("li", { class: "card bad" }, el("h3", {}, link(["subject", subject.name], code(subject.name)), " ", level(one.level), impact(one.impact)),
    el("p", {}, first.found || one.outcome, `, in ${counted(one.total, "case")}`));
};
const ruleCard = (one) => el("li", { class: one.level === "required" ? "card bad" : "card" },
  el("h3", {}, link(["rule", one.rule], code(one.rule)), " ", level(one.level), impact(one.impact)),
  el("p", {}, one.statement),
  comparison(one.expected, one.found),
  el("p", {}, `In ${counted(one.cases, "case")} of ${counted(one.count, "subject")}: `, listed(one.subjects, one.count)),
  one.follows.length > 0 && el("p", { class: "quiet" }, "Also broken by the same fault: ", one.follows.map((id, at) => [at > 0 && ", ", link(["rule", id], code(id))])));
const cardsSection = (title, cards) => {
  const list = el("ul", { class: "cards" }), more = el("div", { class: "more" });
  portions(list, cards, (one) => one, more);
  return section(title, list, more);
};
const listed = (names, total) => [
  names.map((name, at) => [at > 0 && ", ", link(["subject", name], code(name))]),
  total > names.length && ` and ${number(total - names.length)} more`,
];
const comparison = (expected, found) => el("dl", { class: "comparison" },
  el("div", {}, el("dt", {}, "expected"), el("dd", {}, expected)), el("div", {}, el("dt", {}, "found"), el("dd", {}, found)));

// Of each area and level: how many of the rules that were judged are broken, and by how many subjects.
const heatMap = (found) => {
  const all = tallies(found).filter((one) => one.p + one.f + one.c > 0);
  const areas = [...new Set(all.map((one) => one.area))];
  const levels = ["required", "recommended", "contested"].filter((name) => all.some((one) => one.level === name));
  const cell = (area, name) => {
    const rules = all.filter((one) => one.area === area && one.level === name);
    if (!rules.length) return el("td", { class: "none" }, "–");
    const broken = rules.filter((one) => one.f > 0);
    const share = rules.reduce((sum, one) => sum + one.f, 0) / rules.reduce((sum, one) => sum + one.p + one.f + one.c, 0);
    const heat = broken.length === 0 ? 0 : share < 0.01 ? 1 : share < 0.1 ? 2 : share < 0.4 ? 3 : 4;
    const text = broken.length ? `✗ ${broken.length} of ${rules.length}` : `✓ ${rules.length}`;
    const words = `${TEXTS().areas[area] || area}, ${LEVEL_WORDS[name] || name}: ${broken.length} of ${counted(rules.length, "rule")} broken`;
    return el("td", { class: "heat-" + heat }, el("a", { href: `#/rules/${encodeURIComponent(area)}/${name}`, "aria-label": words }, text));
  };
  return [
    el("p", { class: "quiet" }, "How many of the rules that were judged are broken by at least one subject. Darker cells: by more of them."),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Rules by area and level" }, el("table", { class: "heat" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Area"), levels.map((name) => el("th", { scope: "col" }, LEVEL_WORDS[name] || name)))),
      el("tbody", {}, areas.map((area) => el("tr", {}, el("th", { scope: "row" }, TEXTS().areas[area] || area), levels.map((name) => cell(area, name))))))),
  ];
};
const profileTable = (found) => {
  const count = (target, name) => found.subjects.filter((one) => one.target === target && one.profile === name).length;
  const rows = [...TEXTS().classes].reverse();
  return [
    el("p", { class: "quiet" }, "The richest class in which, and below which, a subject breaks no required rule."),
    el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Profiles" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Profile", "An exporter grants", "Flags", "A consumer reads right", "Exporters", "Consumers"].map((text) => el("th", { scope: "col" }, text)))),
      el("tbody", {}, rows.map((one) => el("tr", {}, el("th", { scope: "row" }, profileTag(one.name)), el("td", {}, one.compounds.map((name, at) => [at > 0 && " or ", code(name)])),
        el("td", {}, one.flags.join(" | ")), el("td", {}, one.memory), el("td", { class: "n" }, number(count("exporter", one.name))), el("td", { class: "n" }, number(count("consumer", one.name))))),
      el("tr", {}, el("th", { scope: "row" }, "none"), el("td", { colspan: "3" }, "not one class right, undecided, or not judged for it"),
        el("td", { class: "n" }, number(count("exporter", "none"))), el("td", { class: "n" }, number(count("consumer", "none"))))))),
  ];
};
const profileTag = (name) => name === "none" ? el("span", { class: "quiet" }, "none") : el("span", { class: "tag profile" }, name);
