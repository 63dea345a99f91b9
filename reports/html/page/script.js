// Search, filters and copying. Everything on the page can be reached without this script.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const rows = all("details.req");
  const tools = document.querySelector(".tools");
  const search = document.getElementById("search");
  const shown = document.querySelector(".shown");
  const nothing = document.querySelector(".nothing");
  const buttons = all("button[data-verdict], button[data-level]", tools);
  const words = new Map();

  const textOf = (row) => {
    if (!words.has(row)) words.set(row, row.textContent.toLowerCase());
    return words.get(row);
  };
  const pressed = (name) =>
    buttons.filter((b) => b.dataset[name] && b.getAttribute("aria-pressed") === "true").map((b) => b.dataset[name]);
  const press = (button, on) => button.setAttribute("aria-pressed", String(on));

  function filter() {
    const verdicts = pressed("verdict"), levels = pressed("level");
    const terms = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const row of rows) {
      const fits = (!verdicts.length || verdicts.includes(row.dataset.verdict)) &&
        (!levels.length || levels.includes(row.dataset.level)) && terms.every((t) => textOf(row).includes(t));
      row.hidden = !fits;
      if (fits) count++;
    }
    for (const section of all(".endpoint")) section.hidden = !section.querySelector("details.req:not([hidden])");
    shown.textContent = count === rows.length ? `${count} shown` : `${count} of ${rows.length} shown`;
    nothing.hidden = count > 0 || rows.length === 0;
  }

  function reset() {
    search.value = "";
    for (const b of buttons) press(b, false);
    filter();
  }

  // A link to a requirement opens it, also where a filter hides it.
  function arrive() {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { /* as it stands */ }
    const row = document.getElementById(id);
    if (!row || !row.matches("details.req")) return;
    if (row.hidden) reset();
    row.open = true;
    row.scrollIntoView();
  }

  // The clipboard interface is missing on pages opened from a file; a selection that is copied is not.
  async function copy(button) {
    const code = button.closest(".curl").querySelector("code");
    let done = false;
    try {
      await navigator.clipboard.writeText(code.textContent);
      done = true;
    } catch {
      getSelection().selectAllChildren(code);
      try { done = document.execCommand("copy"); } catch { /* it stays selected */ }
    }
    button.textContent = done ? "copied" : "selected: press Ctrl+C";
    setTimeout(() => { button.textContent = "copy"; }, 2000);
  }

  const acts = {
    copy,
    reset,
    open: () => { for (const row of rows) if (!row.hidden) row.open = true; },
    close: () => { for (const row of rows) row.open = false; },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button && acts[button.dataset.act]) acts[button.dataset.act](button);
    if (button && buttons.includes(button)) {
      press(button, button.getAttribute("aria-pressed") !== "true");
      filter();
    }
    const link = event.target.closest("a[data-show]");
    if (link) {
      reset();
      for (const b of buttons) press(b, b.dataset.verdict === link.dataset.show);
      filter();
    }
    const self = event.target.closest('a[href^="#"]');
    if (self && self.hash === location.hash) arrive();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape" && typing) {
      reset();
    }
  });
  addEventListener("beforeprint", () => {
    for (const row of rows) if (row.dataset.verdict === "fail") row.open = true;
  });
  addEventListener("hashchange", arrive);
  search.addEventListener("input", filter);
  tools.addEventListener("submit", (event) => event.preventDefault());

  tools.hidden = false;
  for (const b of all("button[data-act=copy]")) b.hidden = false;
  filter();
  arrive();
})();
