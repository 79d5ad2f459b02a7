"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const texts = data.texts;
  const number = new Intl.NumberFormat(data.lang);
  const compare = new Intl.Collator(data.lang, { numeric: true, sensitivity: "base" }).compare;
  const perPage = 100;

  // element makes an element with text. Nothing here is ever read as HTML.
  const element = (name, text, className) => {
    const e = document.createElement(name);
    if (text !== undefined) e.textContent = text;
    if (className) e.className = className;
    return e;
  };
  const fill = (text, ...values) => text.replace(/%(\d)/g, (_, i) => values[i - 1]);

  // heading makes the heading of a column a button that sorts.
  const heading = (th, sort) => {
    const button = element("button", th.textContent, "sort");
    button.type = "button";
    button.addEventListener("click", () => {
      const down = th.getAttribute("aria-sort") === "ascending";
      for (const other of th.parentNode.children) other.removeAttribute("aria-sort");
      th.setAttribute("aria-sort", down ? "descending" : "ascending");
      sort(down ? -1 : 1);
    });
    th.replaceChildren(button);
  };

  // The table of groups sorts the rows that are there.
  const groups = document.getElementById("compare-table");
  if (groups) {
    const body = groups.tBodies[0];
    [...groups.tHead.rows[0].cells].forEach((th, column) => heading(th, (way) => {
      const value = (row) => row.cells[column].dataset.value;
      const rows = [...body.rows].sort((a, b) => value(a) === undefined
        ? way * compare(a.cells[column].textContent, b.cells[column].textContent)
        : way * (value(a) - value(b)));
      body.replaceChildren(...rows);
    }));
  }

  // The table of all domains is drawn a page at a time.
  const [NAME, GROUP, KIND, MAIL, FILTER, DNS, WEB, STATES, POLICY] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const NOBODY = -1, LATE = -2;
  const kinds = ["", texts["kind-notFound"], texts["kind-mailDomain"], texts["kind-noAnswer"]];
  const policies = ["", "none", "quarantine", "reject"];
  const subjects = ["mx", "spf", "dkim", "dmarc", "mta-sts", "tls-rpt", "dane", "bimi", "dnssec", "caa", "ipv6-mx", "ipv6-web", "ipv6-ns"];
  const states = { o: ["ok", "✓"], w: ["weak", "~"], b: ["broken", "✗"], m: ["missing", "–"], u: ["unknown", "?"], ".": ["none", "·"] };
  const order = "owbmu.";
  const holder = (i) => i === LATE ? "?" : i === NOBODY ? "" : data.companies[i][0];
  const law = (row) => row[MAIL] < 0 ? "-" : data.companies[row[MAIL]][1];
  const lawText = (row) => row[MAIL] < 0 ? "" : texts["short-" + law(row)];
  const words = (row) => [row[NAME], data.groups[row[GROUP]], holder(row[MAIL]), holder(row[FILTER]), holder(row[DNS]), holder(row[WEB]), kinds[row[KIND]]].join("\n").toLocaleLowerCase(data.lang);
  const found = data.rows.map(words);
  const indexes = data.rows.map((_, i) => i);

  const place = document.getElementById("table");
  const body = place.querySelector("tbody");
  const headings = [...place.querySelectorAll("th[data-sort]")];
  const columns = headings.map((th) => th.dataset.sort);
  const q = document.getElementById("q");
  const byGroup = document.getElementById("by-group");
  const byLaw = document.getElementById("by-law");
  const status = document.getElementById("status");
  const rowsText = document.getElementById("rows");
  const previous = document.getElementById("previous");
  const next = document.getElementById("next");
  let sorted = indexes, shown = sorted, page = 0;

  const stateOf = (row, subject) => row[STATES][subjects.indexOf(subject)];
  const rank = (row, subject) => subject === "dmarc" && policies[row[POLICY]] && "ow".includes(stateOf(row, subject))
    ? -row[POLICY] : order.indexOf(stateOf(row, subject)) + 1;
  const text = {
    name: (row) => row[NAME], group: (row) => data.groups[row[GROUP]], law: lawText,
    mail: (row) => holder(row[MAIL]), filter: (row) => holder(row[FILTER]), dns: (row) => holder(row[DNS]), web: (row) => holder(row[WEB]),
  };
  const sortBy = (column, way) => {
    const key = data.rows.map((row) => text[column] ? text[column](row) : rank(row, column));
    // What is empty comes last, whichever way.
    sorted = [...indexes].sort((a, b) => {
      const x = key[a], y = key[b];
      if (typeof x === "number") return way * (x - y) || a - b;
      if (!x !== !y) return x ? -1 : 1;
      return way * compare(x, y) || a - b;
    });
    select();
  };

  const svg = (name, attributes) => {
    const e = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
    return e;
  };
  const company = (i) => {
    const td = element("td");
    if (i >= 0) {
      const dot = svg("svg", { width: 10, height: 10, class: "dot", "aria-hidden": "true" });
      dot.append(svg("rect", { width: 10, height: 10, rx: 2, class: data.companies[i][1] }));
      td.append(dot);
      td.title = [data.companies[i][0], data.companies[i][2], texts["law-" + data.companies[i][1]]].filter(Boolean).join(", ");
    } else if (i === LATE) {
      td.title = texts["state-unknown"];
    }
    td.append(holder(i));
    return td;
  };
  const state = (row, subject) => {
    const td = element("td", undefined, "s");
    const [name, mark] = states[stateOf(row, subject)];
    const policy = subject === "dmarc" && "ow".includes(stateOf(row, subject)) ? policies[row[POLICY]] : "";
    const span = element("span", policy || mark, "state " + name);
    if (!policy) span.setAttribute("aria-hidden", "true");
    td.append(span);
    if (!policy) td.append(element("span", texts["state-" + name], "hidden"));
    td.title = texts["state-" + name];
    return td;
  };
  const cells = {
    group: (row) => element("td", data.groups[row[GROUP]]),
    mail: (row) => company(row[MAIL]), filter: (row) => company(row[FILTER]), dns: (row) => company(row[DNS]), web: (row) => company(row[WEB]),
    law: (row) => element("td", lawText(row)),
  };
  const draw = () => {
    const from = page * perPage, to = Math.min(from + perPage, shown.length);
    body.replaceChildren(...shown.slice(from, to).map((i) => {
      const row = data.rows[i];
      const tr = element("tr");
      const th = element("th", row[NAME], "first");
      th.scope = "row";
      th.dir = "auto";
      if (kinds[row[KIND]]) th.append(" ", element("small", kinds[row[KIND]]));
      tr.append(th);
      for (const column of columns.slice(1)) tr.append(cells[column] ? cells[column](row) : state(row, column));
      return tr;
    }));
    status.textContent = shown.length ? fill(texts.shown, number.format(shown.length), number.format(data.rows.length)) : texts.nothing;
    rowsText.textContent = shown.length ? fill(texts.rows, number.format(from + 1), number.format(to)) : "";
    previous.disabled = page === 0;
    next.disabled = to >= shown.length;
  };
  const select = () => {
    const terms = q.value.toLocaleLowerCase(data.lang).split(/\s+/).filter(Boolean);
    const group = byGroup ? byGroup.value : "", which = byLaw.value;
    shown = sorted.filter((i) => (!group || String(data.rows[i][GROUP]) === group) && (!which || law(data.rows[i]) === which) &&
      terms.every((term) => found[i].includes(term)));
    page = 0;
    draw();
  };

  headings.forEach((th) => heading(th, (way) => sortBy(th.dataset.sort, way)));
  if (byGroup) {
    const names = data.groups.map((name, i) => [name, i]).sort((a, b) => compare(a[0], b[0]));
    byGroup.append(...names.map(([name, i]) => {
      const option = element("option", name || "–");
      option.value = i;
      return option;
    }));
    byGroup.addEventListener("change", select);
  }
  q.addEventListener("input", select);
  byLaw.addEventListener("change", select);
  previous.addEventListener("click", () => { page--; draw(); });
  next.addEventListener("click", () => { page++; draw(); });
  place.hidden = false;
  draw();
})();
