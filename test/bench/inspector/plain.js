/* The baseline: every row is in the document, and is made by the same few lines of code as anybody would begin with. */
(async () => {
  const columns = ["status", "time", "operation", "module", "record", "fields", "size"];
  const list = document.querySelector("[data-plain]");
  const rowOf = row => {
    const element = document.createElement("div");
    element.className = "row";
    for (const column of columns) {
      const cell = document.createElement("div");
      cell.className = `cell ${column}`;
      cell.textContent = row[column];
      element.append(cell);
    }
    return element;
  };
  const rows = await (await fetch("rows.json")).json();
  list.append(...rows.map(rowOf));
  list.scrollTop = list.scrollHeight;

  globalThis.plainList = {
    append(more) {
      list.append(...more.map(rowOf));
      list.scrollTop = list.scrollHeight;
    },
    filter(word) {
      for (const row of list.children) row.hidden = !row.textContent.includes(word);
    },
  };
})();
