// Which view is shown: the part of the address after # says it.
const VIEWS = { "": overview, subject: subjectPage, rules: rulesPage, rule: rulePage, pairs: pairsPage, runtimes: runtimesPage };
const parts = () => location.hash.replace(/^#\/?/, "").split("/").filter((one) => one !== "").map((one) => { try { return decodeURIComponent(one); } catch { return one; } });
let last = null;
const show = () => {
  if (location.hash && !location.hash.startsWith("#/")) return;
  const [name, ...rest] = parts();
  const first = RECORDS ? "" : "pairs";
  const view = VIEWS[name || first] || VIEWS[first];
  const main = document.getElementById("main");
  const made = view(...rest);
  main.replaceChildren();
  add(main, made);
  const heading = main.querySelector("h1");
  document.title = `${heading.textContent} · bufspec`;
  for (const a of document.querySelectorAll("#tabs a")) {
    const own = a.getAttribute("href").slice(2);
    if (own === (name || first) || (own === "" && name === "subject") || (own === "rules" && name === "rule")) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  }
  const target = name === "pairs" && rest.length > 1 ? document.getElementById("pair") : null;
  if (target) { target.focus(); target.scrollIntoView({ block: "center" }); }
  else if (last !== null && last !== location.hash) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); scrollTo(0, 0); }
  last = location.hash;
  document.body.dataset.ready = "yes";
};
addEventListener("hashchange", show);
addEventListener("beforeprint", () => { for (const one of document.querySelectorAll("details")) one.open = true; });
show();
