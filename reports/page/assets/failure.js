// A broken rule of one subject: what it demands, what was expected and found, the steps, how to see it again.
const failureGroup = (found, subject, group, open) => {
  const entry = group.rule && subject.rules.find((one) => found.rules[one[0]] === group.rule);
  const total = entry ? entry[3] : group.total;
  const title = group.rule ? code(group.rule) : `The process ended: ${(group.shown[0] || {}).found || group.outcome}`;
  const summary = [title, " ", level(group.level), impact(group.impact), isNew(group.news), el("span", { class: "quiet" }, counted(total, "case"))];
  return el("article", { class: group.news && group.level === "required" ? "broken news" : "broken" }, lazy(summary, () => groupInside(found, group, total), open));
};
const groupInside = (found, group, total) => {
  const [first, ...others] = group.shown, left = total - group.shown.length;
  return [
    group.statement && el("p", { class: "statement" }, group.statement),
    group.rule && el("p", { class: "quiet" }, sourceLinks(group.rule, 1), link(["rule", group.rule], "More about this rule")),
    group.because && el("p", { class: "excuse" }, "Known: ", group.because, " ", outside(group.link, group.link)),
    first ? failureInside(first, group) : el("p", {}, "Too many failures to show each: see the record."),
    others.length > 0 && el("div", { class: "others" }, el("h3", {}, "Other cases"),
      others.map((one) => lazy([code(one.id), " ", el("span", { class: "quiet" }, one.found)], () => failureInside(one, group)))),
    left > 0 && first && el("p", { class: "quiet" }, `${counted(left, "more case")} not shown.`),
  ];
};
const failureInside = (one, group) => [
  comparison(one.expected, one.found),
  one.picture && pictureOf(one.picture),
  one.steps && stepsOf(one),
  one.detail && !one.steps && el("p", {}, one.detail),
  one.stack && lazy("Stack of the fault", () => el("ol", { class: "stack" }, one.stack.map((line) => el("li", {}, code(line))))),
  one.hint && el("p", { class: "fix" }, el("strong", {}, "How to fix: "), one.hint),
  el("p", { class: "label" }, one.smaller ? "Replay the simplest scenario that fails alike" : "Replay this case"),
  command(one.replay, "the replay command"),
  one.script ? scriptOf(one.script) : one.without_script ? el("p", { class: "quiet" }, "No script: ", one.without_script, ".")
    : group.rule && [el("p", { class: "label" }, "Make a script that shows it without bufspec"), command(`${one.replay} --standalone broken.py`, "the command that writes a script")],
];
const scriptOf = (text) => lazy("Script that shows it without bufspec, for a bug report", () => command(text, "the script"));
// A picture of memory is our own text, and may hold shapes and words alone.
const pictureOf = (text) => {
  const drawn = document.importNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement, true);
  return el("figure", {}, el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "Picture of the memory" }, drawn),
    el("figcaption", {}, "The memory: a box is an element with its index, buf is where the struct points."));
};
const stepsOf = (one) => el("div", { class: "trace" },
  el("p", { class: "label" }, one.smaller ? "Steps of the simplest scenario that fails as " : "Steps of ", code(one.id), one.smaller && " does", one.about && [", on ", one.about]),
  el("ol", { class: "steps" }, one.steps.map((step, at) => el("li", { class: at === one.step ? "here" : null }, code(step),
    at === one.step && el("strong", {}, " ← broken here")))));
const sourceLinks = (id, most) => {
  const text = ruleText(id);
  if (!text) return null;
  return text.sources.slice(0, most || undefined).map((one) => ["Source: ", outside(one.url, one.title), one.part && `, ${one.part}`, one.clauses.length > 0 && ` (${one.clauses.join(", ")})`, ". "]);
};
