// Accessible names for Django's autocomplete fields (select2), which leaves them out.
"use strict";
{
  let number = 0;

  const findLabel = (select) => {
    const cell = select.closest("td[class*='field-']");
    const column = cell && /field-(\w+)/.exec(cell.className)[1];
    return cell ? cell.closest("table").querySelector(`th.column-${column}`) : select.labels[0];
  };

  // A list may contain nothing but its items: move the button that clears it before the list.
  const moveClearButton = (selection, list) => {
    const clear = list.querySelector(":scope > .select2-selection__clear");
    const chosen = list.querySelector(".select2-selection__choice");
    const moved = selection.querySelectorAll(":scope > .select2-selection__clear");
    if (clear || !chosen) moved.forEach((button) => button.remove());
    if (clear) list.before(clear);
  };

  const nameField = (container) => {
    const select = container.previousElementSibling;
    const label = select && select.tagName === "SELECT" && findLabel(select);
    const selection = container.querySelector(".select2-selection");
    if (!label || !selection) return;
    label.id ||= `desk-label-${number++}`;
    const shown = container.querySelector(".select2-selection__rendered");
    if (shown && shown.tagName === "UL") moveClearButton(selection, shown);
    selection.setAttribute(
      "aria-labelledby",
      [label.id, shown && shown.id].filter(Boolean).join(" "),
    );
    const list = selection.getAttribute("aria-owns");
    if (list) selection.setAttribute("aria-controls", list);
    for (const part of [shown, container.querySelector(".select2-search__field")]) {
      if (part) part.setAttribute("aria-label", label.textContent.trim());
    }
  };

  const nameAllFields = () => {
    document.querySelectorAll(".select2-container").forEach(nameField);
    const open = document.querySelector(".select2-container--open.select2 .select2-selection");
    const field = document.querySelector(".select2-dropdown .select2-search__field");
    if (open && field) field.setAttribute("aria-labelledby", open.getAttribute("aria-labelledby"));
  };

  new MutationObserver(nameAllFields).observe(document.body, { childList: true, subtree: true });
  nameAllFields();
}
