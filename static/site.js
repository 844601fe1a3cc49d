// Every page works without this.

// A search box offers names: the ARIA combobox.

const suggest = (box) => {
  const list = document.createElement("ul");
  list.id = `${box.id}-names`;
  list.className = "suggestions";
  list.role = "listbox";
  list.ariaLabel = box.dataset.label;
  list.hidden = true;
  box.closest(".find-line").append(list);
  box.role = "combobox";
  box.ariaAutoComplete = "list";
  box.ariaExpanded = "false";
  box.setAttribute("aria-controls", list.id);

  let here = -1, asking, waiting;

  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    here = -1;
    list.hidden = true;
    box.ariaExpanded = "false";
    box.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    here = (index + list.children.length + 1) % (list.children.length + 1);
    if (here === list.children.length) here = -1;
    [...list.children].forEach((line, i) => line.ariaSelected = String(i === here));
    const line = list.children[here];
    if (line) { box.setAttribute("aria-activedescendant", line.id); line.scrollIntoView({ block: "nearest" }); }
    else box.removeAttribute("aria-activedescendant");
  };

  const show = (found) => {
    list.replaceChildren(...found.map(({ label, sort, address }, i) => {
      const line = document.createElement("li");
      const name = document.createElement("span");
      const kind = document.createElement("small");
      name.textContent = label;
      kind.textContent = sort;
      line.append(name, " ", kind);
      line.id = `${list.id}-${i}`;
      line.dataset.address = address;
      line.role = "option";
      line.ariaSelected = "false";
      return line;
    }));
    here = -1;
    list.hidden = !found.length;
    box.ariaExpanded = String(!!found.length);
  };

  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    const typed = box.value.trim();
    if (!typed) return close();
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal });
      if (answer.ok && document.activeElement === box) show((await answer.json()).suggestions);
    } catch { /* offline */ }
  };

  box.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(ask, 150);
  });
  box.addEventListener("compositionend", () => { waiting = setTimeout(ask, 50); });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && list.hidden) ask();
    else if (event.key === "ArrowDown") choose(here + 1);
    else if (event.key === "ArrowUp" && !list.hidden) choose(here - 1);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && here >= 0) location.href = list.children[here].dataset.address;
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    const line = event.target.closest("li");
    if (line) { event.preventDefault(); location.href = line.dataset.address; }
  });
};

document.querySelectorAll("[data-suggest]").forEach(suggest);

// Filters that apply at once.

let fetching;

const swap = async (address, push) => {
  fetching?.abort();
  fetching = new AbortController();
  document.documentElement.ariaBusy = "true";
  try {
    const answer = await fetch(address, { signal: fetching.signal });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const old = document.querySelector(".with-filters"), found = fresh.querySelector(".with-filters");
    if (!old || !found) return location.assign(address);
    const focus = document.activeElement, open = new Set([...old.querySelectorAll("details[open] > summary")].map((s) => s.textContent));
    for (const summary of found.querySelectorAll("details > summary")) if (open.has(summary.textContent)) summary.parentNode.open = true;
    const filters = old.querySelector(".filters-switch")?.open;
    old.replaceWith(found);
    found.querySelectorAll("[data-suggest]").forEach(suggest);
    if (filters) found.querySelector(".filters-switch").open = true;
    document.title = fresh.title;
    const language = fresh.querySelector(".masthead-language");
    if (language) document.querySelector(".masthead-language")?.replaceWith(language);
    if (push) history.pushState({}, "", address);
    if (focus?.name) found.querySelector(`.filters [name="${focus.name}"]${focus.type === "checkbox" ? `[value="${CSS.escape(focus.value)}"]` : ""}`)?.focus({ preventScroll: true });
    const said = document.getElementById("said");
    if (said) said.textContent = found.querySelector(".tally")?.textContent.trim() ?? "";
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  } finally {
    document.documentElement.ariaBusy = "false";
  }
};

const question = (form) => {
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  return location.pathname + (asked.size ? `?${asked}` : "");
};

if (document.querySelector(".filters")) {
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.(".filters");
    if (form && target.type !== "search") swap(question(form), true);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".filters");
    if (form) { event.preventDefault(); swap(question(form), true); }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".chips a, .pager a, nav.views a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    swap(link.href, true).then(() => link.closest(".pager") && document.getElementById("tally")?.scrollIntoView());
  });
  addEventListener("popstate", () => swap(location.href, false));
}
