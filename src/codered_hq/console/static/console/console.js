// What the console does beside plain links and forms: every page works without it.
"use strict";

(() => {
  const body = document.body;
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (tag, named = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(named)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  // Time: the server's clock, not this machine's.
  const started = performance.now();
  const served = Number(body.dataset.now || 0);
  const now = () => (served ? served + (performance.now() - started) / 1000 : Date.now() / 1000);
  const two = (number) => String(number).padStart(2, "0");

  function tellSeconds(seconds) {
    const whole = Math.floor(Math.abs(seconds));
    if (whole >= 172800) return `${Math.floor(whole / 86400)} days`;
    if (whole >= 3600) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
    if (whole >= 300) return `${Math.floor(whole / 60)} min`;
    return whole >= 60 ? `${Math.floor(whole / 60)}:${two(whole % 60)} min` : `${whole} s`;
  }

  function tick() {
    for (const element of all("[data-until]")) {
      const left = Number(element.dataset.until) - now();
      const told = left < 0 ? `${tellSeconds(left)} late` : `in ${tellSeconds(left)}`;
      if (element.textContent !== told) element.textContent = told;
      element.classList.toggle("late", left < 0);
      element.classList.toggle("soon", left >= 0 && left < 300);
    }
    const clock = one("[data-clock]");
    if (clock && served) {
      const at = new Date(now() * 1000).toISOString();
      clock.textContent = `${at.slice(0, 10)} ${at.slice(11, 19)} UTC`;
    }
  }
  setInterval(tick, 1000);
  tick();

  // Drafts: what was typed in a form with data-draft survives a reload, in this tab alone.
  const kept = (form) => `draft ${location.pathname} ${form.dataset.draft}`;
  const secret = (field) => ["password", "file", "hidden", "submit"].includes(field.type)
    || /password|one-time-code/.test(field.autocomplete || "") || field.name === "csrfmiddlewaretoken";
  const fields = (form) => [...form.elements].filter((field) => field.name && !secret(field));

  function saveDraft(form) {
    const typed = fields(form).map((field) => [field.name, field.value, field.checked === true]);
    try { sessionStorage.setItem(kept(form), JSON.stringify(typed)); } catch { /* the tab keeps nothing */ }
  }

  function restoreDraft(form) {
    let typed;
    try { typed = JSON.parse(sessionStorage.getItem(kept(form)) || "[]"); } catch { typed = []; }
    for (const [name, value, checked] of typed) {
      for (const field of fields(form).filter((each) => each.name === name)) {
        if (field.type === "checkbox" || field.type === "radio") {
          if (field.value === value) field.checked = checked;
        } else if (field.value === field.defaultValue || field.tagName === "SELECT") field.value = value;
      }
    }
  }

  // A draft is forgotten when the page that follows a submit shows no error beside a field.
  const SENT = "draft sent";
  function settleDrafts() {
    let sent = null;
    try { sent = sessionStorage.getItem(SENT); sessionStorage.removeItem(SENT); } catch { return; }
    const failed = one(".error, .errorlist, .problem, [aria-invalid=true]");
    if (sent && !failed) sessionStorage.removeItem(sent);
  }
  settleDrafts();
  all("form[data-draft]").forEach(restoreDraft);
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.dataset.draft) saveDraft(form);
  });

  // A double click does nothing twice.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (form.dataset.draft) {
      saveDraft(form);
      try { sessionStorage.setItem(SENT, kept(form)); } catch { /* the tab keeps nothing */ }
    }
  });
  addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // Answers that say no are shown where they were asked for.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const status = event.detail.xhr.status;
    const from = event.detail.requestConfig && event.detail.requestConfig.triggeringEvent;
    const live = Boolean(from && from.type.startsWith("sse:"));
    if (live && (status >= 400 || event.detail.xhr.responseURL.includes("/accounts/"))) {
      event.detail.shouldSwap = false;
    } else if ([400, 403, 409].includes(status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest && event.target.closest("form");
    if (form) delete form.dataset.sent;
  });
  document.addEventListener("htmx:sendError", () => away());

  // A part that is made anew leaves the one who reads by keyboard where he was.
  let focused = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const link = document.activeElement;
    focused = event.detail.target.contains(link) && link.matches("a[href]") ? link.getAttribute("href") : null;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (focused) {
      const link = all("main a[href]").find((each) => each.getAttribute("href") === focused);
      if (link) link.focus({ preventScroll: true });
    }
    focused = null;
    tick();
  });

  // Live: one stream a tab, closed while the tab is hidden, resumed where it was.
  let source = null;
  let since = body.dataset.since || "";
  let lost = null;
  let again = 0;
  let wait = 1;
  const seen = new Set();

  function topicsHere() {
    const found = new Set();
    for (const element of all("[hx-trigger*='sse:']")) {
      for (const [, topic] of element.getAttribute("hx-trigger").matchAll(/sse:([a-z]+)/g)) found.add(topic);
    }
    return found;
  }

  function heard(topic, mark) {
    since = mark || since;
    for (const element of all(`[hx-trigger*='sse:${topic}']`)) {
      const named = element.getAttribute("hx-trigger").split(/[\s,]+/);
      const busy = element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea");
      if (named.includes(`sse:${topic}`) && !busy) htmx.trigger(element, `sse:${topic}`);
    }
  }

  function connect() {
    if (!body.dataset.live || source || document.hidden || typeof htmx === "undefined") return;
    clearTimeout(again);
    source = new EventSource(since ? `${body.dataset.live}?since=${encodeURIComponent(since)}` : body.dataset.live);
    source.onopen = () => { wait = 1; back(); };
    source.onerror = () => { hangUp(); away(); again = setTimeout(connect, wait * 1000); wait = Math.min(wait * 2, 30); };
    source.addEventListener("end", () => { hangUp(); location.reload(); });
    seen.clear();
    for (const topic of topicsHere()) {
      seen.add(topic);
      source.addEventListener(topic, (event) => heard(topic, event.lastEventId));
    }
  }

  function hangUp() {
    if (source) source.close();
    source = null;
  }

  function away() {
    if (!body.dataset.live) return;
    lost = lost || new Date(now() * 1000).toISOString().slice(11, 19);
    const bar = one("#away") || make("p", { id: "away", class: "away", role: "alert" });
    const told = `Not connected since ${lost} UTC; trying again. What you see may be old.`;
    if (bar.textContent !== told) bar.textContent = told;
    if (!bar.isConnected) (one(".page") || body).prepend(bar);
  }

  function back() {
    lost = null;
    const bar = one("#away");
    if (bar) bar.remove();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { hangUp(); clearTimeout(again); } else connect();
  });
  addEventListener("pagehide", hangUp);
  addEventListener("pageshow", connect);
  connect();

  // Keys, off while somebody types.
  const typing = (target) => target.closest("input, select, textarea, [contenteditable], dialog");
  const rows = () => all(".table-wrap tbody tr, .card-list > li, .rows > li, .map > li")
    .map((row) => one("a[href], button", row)).filter((link) => link && link.offsetParent);
  let before = "";

  function move(step) {
    const links = rows();
    const row = document.activeElement.closest("tr, li");
    const place = links.findIndex((link) => link === document.activeElement || (row && row.contains(link)));
    const next = links[place < 0 ? (step > 0 ? 0 : links.length - 1) : place + step];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  }

  function help() {
    let dialog = one("#keys");
    if (!dialog) {
      const list = make("dl", { class: "keys" });
      const say = (keys, what) => list.append(make("dt", {}, make("kbd", {}, keys)), make("dd", {}, what));
      say("?", "these keys");
      say("/", "to the filter of this page");
      say("j", "to the next row"); say("k", "to the row before"); say("Enter", "open it");
      for (const link of all(".rail-inside a[data-key]")) {
        say(`g ${link.dataset.key}`, link.firstChild.textContent.trim());
      }
      const close = make("button", { class: "button", autofocus: "" }, "Close");
      close.addEventListener("click", () => dialog.close());
      dialog = make("dialog", { id: "keys", "aria-labelledby": "keys-h" }, make("h2", { id: "keys-h" }, "Keys"), list, close);
      body.append(dialog);
    }
    dialog.showModal();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) { before = ""; return; }
    const key = event.key;
    if (before === "g") {
      const link = one(`.rail-inside a[data-key="${CSS.escape(key)}"]`);
      before = "";
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    before = key === "g" ? "g" : "";
    if (key === "?") help();
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "/") { const field = one("[data-filter]"); if (field) field.focus(); else return; } else return;
    event.preventDefault();
  });
})();
