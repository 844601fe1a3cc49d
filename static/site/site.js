// Suggestions in search boxes, and filters that apply at once. Every page works without it.

// Search boxes suggest names: the ARIA combobox pattern.

const attachSuggestions = (box) => {
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

  let current = -1,
    request,
    timer;

  const close = () => {
    clearTimeout(timer);
    request?.abort();
    current = -1;
    list.hidden = true;
    box.ariaExpanded = "false";
    box.removeAttribute("aria-activedescendant");
  };

  const choose = (index) => {
    current = (index + list.children.length + 1) % (list.children.length + 1);
    if (current === list.children.length) current = -1;
    [...list.children].forEach((option, i) => (option.ariaSelected = String(i === current)));
    const option = list.children[current];
    if (option) {
      box.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else box.removeAttribute("aria-activedescendant");
  };

  const show = (suggestions) => {
    list.replaceChildren(
      ...suggestions.map(({ label, sort, address }, i) => {
        const option = document.createElement("li");
        const name = document.createElement("span");
        const kind = document.createElement("small");
        name.textContent = label;
        kind.textContent = sort;
        option.append(name, " ", kind);
        option.id = `${list.id}-${i}`;
        option.dataset.address = address;
        option.role = "option";
        option.ariaSelected = "false";
        return option;
      }),
    );
    current = -1;
    list.hidden = !suggestions.length;
    box.ariaExpanded = String(!!suggestions.length);
  };

  const load = async () => {
    request?.abort();
    request = new AbortController();
    const query = box.value.trim();
    if (!query) return close();
    try {
      const response = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(query)}`, {
        signal: request.signal,
      });
      if (response.ok && document.activeElement === box) show((await response.json()).suggestions);
    } catch {
      /* offline */
    }
  };

  box.addEventListener("input", (event) => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(load, 150);
  });
  box.addEventListener("compositionend", () => {
    timer = setTimeout(load, 50);
  });
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" && list.hidden) load();
    else if (event.key === "ArrowDown") choose(current + 1);
    else if (event.key === "ArrowUp" && !list.hidden) choose(current - 1);
    else if (event.key === "Escape" && !list.hidden) close();
    else if (event.key === "Enter" && current >= 0)
      location.href = list.children[current].dataset.address;
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => setTimeout(close, 150));
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("li");
    if (option) {
      event.preventDefault();
      location.href = option.dataset.address;
    }
  });
};

document.querySelectorAll("[data-suggest]").forEach(attachSuggestions);

// Filters apply at once: the same page is fetched, and its list and form are exchanged.

let pageRequest;

const replaceList = async (address, push) => {
  pageRequest?.abort();
  pageRequest = new AbortController();
  document.documentElement.ariaBusy = "true";
  try {
    const response = await fetch(address, { signal: pageRequest.signal });
    const nextPage = new DOMParser().parseFromString(await response.text(), "text/html");
    const oldList = document.querySelector(".with-filters"),
      newList = nextPage.querySelector(".with-filters");
    if (!oldList || !newList) return location.assign(address);
    const focus = document.activeElement,
      open = new Set(
        [...oldList.querySelectorAll("details[open] > summary")].map((s) => s.textContent),
      );
    for (const summary of newList.querySelectorAll("details > summary"))
      if (open.has(summary.textContent)) summary.parentNode.open = true;
    const filters = oldList.querySelector(".filters-switch")?.open;
    oldList.replaceWith(newList);
    newList.querySelectorAll("[data-suggest]").forEach(attachSuggestions);
    if (filters) newList.querySelector(".filters-switch").open = true;
    document.title = nextPage.title;
    const language = nextPage.querySelector(".masthead-language");
    if (language) document.querySelector(".masthead-language")?.replaceWith(language);
    if (push) history.pushState({}, "", address);
    if (focus?.name)
      newList
        .querySelector(
          `.filters [name="${focus.name}"]${focus.type === "checkbox" ? `[value="${CSS.escape(focus.value)}"]` : ""}`,
        )
        ?.focus({ preventScroll: true });
    const status = document.getElementById("said");
    const tally = newList.querySelector(".tally")?.textContent ?? "";
    if (status) status.textContent = tally.replace(/\s+/g, " ").trim();
  } catch (error) {
    if (error.name !== "AbortError") location.assign(address);
  } finally {
    document.documentElement.ariaBusy = "false";
  }
};

const addressOf = (form) => {
  const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value.trim()));
  return location.pathname + (query.size ? `?${query}` : "");
};

if (document.querySelector(".filters")) {
  document.addEventListener("change", ({ target }) => {
    const form = target.closest?.(".filters");
    if (form && target.type !== "search") replaceList(addressOf(form), true);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest(".filters");
    if (form) {
      event.preventDefault();
      replaceList(addressOf(form), true);
    }
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".chips a, .pager a, nav.views a");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    replaceList(link.href, true).then(
      () => link.closest(".pager") && document.getElementById("tally")?.scrollIntoView(),
    );
  });
  addEventListener("popstate", () => replaceList(location.href, false));
}
