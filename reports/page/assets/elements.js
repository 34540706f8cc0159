// Elements: made by one function, so that a text can be nothing but a text.
const el = (name, attributes, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [event, call] of Object.entries(value)) made.addEventListener(event, call);
    else made.setAttribute(key, value === true ? "" : String(value));
  }
  add(made, children);
  return made;
};
const add = (parent, children) => {
  for (const one of [children].flat(Infinity))
    if (one !== null && one !== undefined && one !== false) parent.append(one);
  return parent;
};
const number = (value) => Number(value).toLocaleString("en-US");
const counted = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;
const say = (text) => { document.getElementById("said").textContent = text; };
const code = (text, kind) => el("code", { class: kind }, text);
const outside = (address, text) =>
  /^https?:\/\//.test(address) ? el("a", { href: address, rel: "noopener noreferrer external" }, text) : text;
const link = (parts, ...children) => el("a", { href: "#/" + parts.map(encodeURIComponent).join("/") }, ...children);
const section = (title, ...children) => {
  const id = "s-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), ...children);
};

// What a state looks like: a mark and a word, so that colour is never all.
const STATES = {
  conforms: ["✓", "good"], advice: ["✓", "good"], known: ["◐", "known"], breaks: ["✗", "bad"], died: ["✖", "bad"],
  undecided: ["?", "open"], error: ["!", "bad"], unjudged: ["–", "open"],
};
const verdict = (subject) => {
  const [mark, kind] = STATES[subject.state];
  return el("span", { class: "verdict " + kind }, el("span", { class: "mark", "aria-hidden": "true" }, mark), subject.verdict);
};
const LEVELS = ["required", "contested", "recommended", "informative"];
const IMPACTS = ["memory_safety", "wrong_data", "leak", "interop", "cosmetic"];
const LEVEL_WORDS = { contested: "ambiguous" };
const level = (name) => el("span", { class: "tag level-" + name }, LEVEL_WORDS[name] || name);
const impact = (name) => el("span", { class: "tag" }, name.replace(/_/g, " "));
const isNew = (news) => el("span", { class: news ? "tag new" : "tag known" }, news ? "new" : "known");

// A command with a button that copies it.
const command = (text, what) => {
  const shown = el("code", {}, text);
  const button = el("button", { type: "button", class: "copy" });
  const name = (word) => { button.textContent = word; button.setAttribute("aria-label", `${word} ${what}`); };
  name("Copy");
  button.addEventListener("click", async () => {
    const done = await copied(text, shown);
    name(done ? "Copied" : "Selected");
    say(done ? `Copied ${what}.` : `${what} is selected: copy it with your keyboard.`);
    setTimeout(() => name("Copy"), 2000);
  });
  return el("div", { class: "command" }, el("pre", { tabindex: "0", role: "group", "aria-label": what }, shown), button);
};
const copied = async (text, shown) => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page from a file may have no clipboard: then the text is selected, and the old way tried.
    const range = document.createRange();
    range.selectNodeContents(shown);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    try { return document.execCommand("copy"); } catch { return false; }
  }
};

// Rows a hundred at a time: a table of thousands opens at once.
const PORTION = 100;
const portions = (body, items, row, more) => {
  let shown = 0;
  const next = () => {
    const first = shown;
    for (const one of items.slice(shown, shown + PORTION)) body.append(row(one));
    shown = Math.min(items.length, shown + PORTION);
    more.replaceChildren();
    if (shown < items.length)
      more.append(el("button", { type: "button", on: { click: () => { next(); focusRow(first + PORTION); } } },
        `Show ${number(Math.min(PORTION, items.length - shown))} more of ${number(items.length - shown)}`));
  };
  const focusRow = (at) => { const a = body.children[at] && body.children[at].querySelector("a,summary"); if (a) a.focus(); };
  body.replaceChildren();
  next();
};

// Details whose inside is made when they are opened.
const lazy = (summary, make, open) => {
  const made = el("details", {}, el("summary", {}, summary));
  const fill = () => { if (made.open && made.children.length === 1) add(made, make()); };
  made.addEventListener("toggle", fill);
  if (open) { made.open = true; fill(); }
  return made;
};
const choice = (label, options, value, changed) => {
  const made = el("select", {}, options.map(([key, text]) => el("option", { value: key, selected: key === value }, text)));
  made.addEventListener("change", () => changed(made.value));
  return el("label", { class: "field" }, el("span", {}, label), made);
};
const search = (label, value, changed) => {
  const made = el("input", { type: "search", value, autocomplete: "off", spellcheck: "false" });
  made.addEventListener("input", () => changed(made.value.trim().toLowerCase()));
  return el("label", { class: "field" }, el("span", {}, label), made);
};
