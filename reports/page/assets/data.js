// The data of the page: blocks of JSON, each read when it is asked for.
const blocks = new Map();
const block = (id) => {
  if (!blocks.has(id)) {
    const found = document.getElementById(id);
    blocks.set(id, found && JSON.parse(found.textContent));
  }
  return blocks.get(id);
};
const count = (begin) => document.querySelectorAll(`script[id^="${begin}-"]`).length;
const TEXTS = () => block("texts");
const RECORDS = count("record"), PAIRS = count("pairs");

// A record, with what is looked up often.
const record = (at) => {
  const found = block(`record-${at}`);
  if (!found.byName) {
    found.byName = new Map(found.subjects.map((one, index) => [one.name, index]));
    found.groupsOf = new Map();
    for (const group of found.groups) {
      if (!found.groupsOf.has(group.subject)) found.groupsOf.set(group.subject, []);
      found.groupsOf.get(group.subject).push(group);
    }
  }
  return found;
};
let chosen = 0;
const current = () => record(chosen);

const OUTCOMES = { p: "kept", f: "broken", c: "ambiguous", s: "not judged" };
// What a rule came to on each subject: [subject, letter, cases, ...].
const outcomesOf = (found, id) => {
  const at = found.rules.indexOf(id);
  const every = [];
  if (at >= 0)
    for (const subject of found.subjects) {
      const entry = subject.rules.find((one) => one[0] === at);
      if (entry) every.push([subject, ...entry.slice(1)]);
    }
  return every;
};
const ruleText = (id) => TEXTS().rules[id];
const statementOf = (id, edition) => {
  const text = ruleText(id);
  if (!text) return null;
  return text.editions[edition] || Object.values(text.editions)[0];
};
// Of each rule of a record how many subjects keep it, break it, and so on.
const tallies = (found) => {
  if (found.tallies) return found.tallies;
  const all = found.rules.map((id) => ({ id, p: 0, f: 0, c: 0, s: 0, news: 0 }));
  for (const subject of found.subjects)
    for (const entry of subject.rules) {
      all[entry[0]][entry[1]] += 1;
      if (entry[1] === "f" && entry[4]) all[entry[0]].news += 1;
    }
  for (const one of all) {
    const text = ruleText(one.id), stated = statementOf(one.id, found.head.edition);
    one.level = stated ? stated.level : "required";
    one.area = text ? text.area : one.id.split(".")[0];
    one.impact = text ? text.impact : "interop";
    one.statement = stated ? stated.statement : "";
  }
  const order = Object.keys(TEXTS().rules);
  const place = new Map(order.map((id, index) => [id, index]));
  all.sort((a, b) => (place.get(a.id) ?? 1e6) - (place.get(b.id) ?? 1e6));
  return (found.tallies = all);
};
