/* Finds in the index of the guide; loads nothing. The index is an array of [kind, title, address, text]. */
"use strict";
(() => {
  const field = document.getElementById("find");
  const list = document.getElementById("results");
  const said = document.getElementById("said");
  const most = 60;
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest && event.target.closest("input, textarea, select");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      field.focus();
    }
  });
  if (!list) return;
  const entries = searchIndex.map((entry) => ({
    kind: entry[0], title: entry[1], href: entry[2], text: entry[3],
    low: (entry[1] + " " + entry[3]).toLowerCase(), name: entry[1].toLowerCase(),
  }));
  const weight = (entry, words) => {
    let sum = 0;
    for (const word of words) {
      if (!entry.low.includes(word)) return 0;
      sum += entry.name === word ? 100 : entry.name.startsWith(word) ? 20 : entry.name.includes(word) ? 10 : 1;
    }
    return sum;
  };
  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const find = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.replaceChildren();
    if (!words.length) {
      said.textContent = "Type what you look for in the field above.";
      return;
    }
    const found = entries.map((entry) => [weight(entry, words), entry]).filter((one) => one[0] > 0);
    found.sort((one, other) => other[0] - one[0]);
    const more = found.length > most ? ", the first " + most + " are shown" : "";
    said.textContent = found.length ? found.length + " found" + more : "Nothing is found";
    for (const [, entry] of found.slice(0, most)) {
      const item = element("li");
      const link = element("a", entry.title);
      link.href = entry.href;
      item.append(link, " ", element("span", entry.kind, "tag"), element("span", entry.text, "under"));
      list.append(item);
    }
  };
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", find);
  find();
})();
