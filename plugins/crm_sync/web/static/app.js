// Follows the theme of Airflow around this page; starts and pauses by Airflow's own REST API, as the person who is logged in.
"use strict";

const script = document.currentScript;

function followTheme() {
  let theme = null;
  try { theme = localStorage.getItem("theme"); } catch { /* no storage: the system's theme */ }
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}

followTheme();
addEventListener("storage", followTheme);

// Times are written in UTC; they are shown in the zone that Airflow's own selector has, or else the browser's.
const UTC = /(\d{4}-\d\d-\d\d) (\d\d:\d\d) UTC/g;

function zone() {
  try { return JSON.parse(localStorage.getItem("timezone")) || undefined; } catch { return undefined; }
}

function zoned() {
  const whole = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short" };
  try { return new Intl.DateTimeFormat("en-CA", { ...whole, timeZone: zone() }); } catch { return new Intl.DateTimeFormat("en-CA", whole); }
}

function inZone(text, format) {
  return text.replace(UTC, (_, day, hour) => {
    const part = Object.fromEntries(format.formatToParts(new Date(`${day}T${hour}Z`)).map(({ type, value }) => [type, value]));
    return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute} ${part.timeZoneName}`;
  });
}

function localize(root) {
  const format = zoned();
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (texts.currentNode.data.includes(" UTC")) texts.currentNode.data = inZone(texts.currentNode.data, format);
  for (const named of root.querySelectorAll("[aria-label*=' UTC']")) named.setAttribute("aria-label", inZone(named.getAttribute("aria-label"), format));
}

function say(text) {
  document.getElementById("said").textContent = text;
}

async function askAirflow(method, path, body) {
  const answer = await fetch(`${script.dataset.api}/${path}`, {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(answer.status === 403 ? "Your role in Airflow does not allow this." : `Airflow answered ${answer.status}.`);
  return answer.json();
}

// Keeps the button from being pressed twice, and says what went wrong.
async function press(button, doing, failed, act) {
  button.disabled = true;
  say(doing);
  try {
    await act();
  } catch (error) {
    say(`${failed} ${error.message}`);
    button.disabled = false;
  }
}

// Some things are asked once more. A dialog of the page's own: in a frame the browser's may not show.
function asked(button, act) {
  if (!button.dataset.ask) return act();
  const dialog = document.getElementById("ask");
  document.getElementById("asked").textContent = button.dataset.ask;
  const yes = dialog.querySelector("[value=yes]");
  yes.textContent = button.dataset.yes;
  dialog.returnValue = "";
  dialog.onclose = () => { if (dialog.returnValue === "yes") act(); };
  dialog.showModal();
}

function trigger(button) {
  const { dag, conf } = button.dataset;
  press(button, "Asking Airflow for a run.", "No run was started.", async () => {
    const run = await askAirflow("POST", `dags/${encodeURIComponent(dag)}/dagRuns`, { logical_date: null, conf: JSON.parse(conf) });
    location.assign(`${script.dataset.root}/run?dag_id=${encodeURIComponent(dag)}&run_id=${encodeURIComponent(run.dag_run_id)}`);
  });
}

function toggle(button) {
  press(button, "Asking Airflow.", "Nothing was switched.", async () => {
    const isOn = button.getAttribute("aria-checked") === "true";
    await askAirflow("PATCH", `dags/${encodeURIComponent(button.dataset.switch)}`, { is_paused: isOn });
    location.reload();
  });
}

// Intervals that have a run already are run again: that is what a backfill is for.
function backfill(form) {
  const { from, to } = form.elements;
  press(form.querySelector("button"), "Asking Airflow for a backfill.", "No backfill was made.", async () => {
    const made = await askAirflow("POST", "backfills", {
      dag_id: form.dataset.backfill, from_date: `${from.value}Z`, to_date: `${to.value}Z`, max_active_runs: 1, reprocess_behavior: "completed",
    });
    say(`Airflow has made backfill ${made.id}. Its runs are listed under Runs as they begin.`);
  });
}

// A link out of this page is followed by the window around it.
function openWhole(event, link) {
  if (parent === self) return;
  event.preventDefault();
  const outer = parent.document.createElement("a");
  Object.assign(outer, { href: link.href, target: link.target, rel: link.rel });
  parent.document.body.append(outer);
  outer.click();
  outer.remove();
}

// Somebody who has clicked a link is on the way out; reloading the page would call them back. A download leaves it as it is.
const LEAVING_MS = 30_000;
let leftAt = -LEAVING_MS;
addEventListener("beforeunload", () => { leftAt = performance.now(); });

function isLeaving() {
  return performance.now() - leftAt < LEAVING_MS;
}

// Brings what has changed up to date while a run is on, part by part: nobody loses their place or what they typed.
async function refresh() {
  try {
    const answer = await fetch(location.href);
    if (!answer.ok) throw new Error(answer.status);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const newer = fresh.getElementById(part.id);
      if (newer && !part.contains(document.activeElement)) {
        localize(newer);
        part.replaceWith(newer);
      }
    }
    // Where nothing is on any more, or another page has taken the place of this one, all of it is new.
    if (!isLeaving() && (fresh.title !== document.title || !fresh.querySelector("[data-reload]"))) return location.reload();
  } catch { /* the next time, perhaps */ }
  lookAgain();
}

function lookAgain() {
  const waiting = document.querySelector("[data-reload]");
  if (waiting) setTimeout(refresh, 1000 * Number(waiting.dataset.reload));
}

document.addEventListener("click", (event) => {
  const pressed = event.target.closest("button[data-dag], button[data-switch], a[data-whole]");
  if (pressed?.matches("[data-dag]")) asked(pressed, () => trigger(pressed));
  else if (pressed?.matches("[data-switch]")) asked(pressed, () => toggle(pressed));
  else if (pressed) openWhole(event, pressed);
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-backfill]")) return;
  event.preventDefault();
  backfill(event.target);
});

document.addEventListener("DOMContentLoaded", () => {
  localize(document.body);
  document.querySelector("a[data-leave]")?.click();
  lookAgain();
});
