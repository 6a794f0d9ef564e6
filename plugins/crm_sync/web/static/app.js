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

function say(text) {
  document.getElementById("said").textContent = text;
}

async function askAirflow(method, path, body) {
  const answer = await fetch(`${script.dataset.api}/dags/${path}`, {
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

function trigger(button) {
  const { dag, conf } = button.dataset;
  press(button, "Asking Airflow for a run.", "No run was started.", async () => {
    const run = await askAirflow("POST", `${encodeURIComponent(dag)}/dagRuns`, { logical_date: null, conf: JSON.parse(conf) });
    location.assign(`${script.dataset.root}/run?dag_id=${encodeURIComponent(dag)}&run_id=${encodeURIComponent(run.dag_run_id)}`);
  });
}

function toggle(button) {
  press(button, "Asking Airflow.", "Nothing was switched.", async () => {
    const isOn = button.getAttribute("aria-checked") === "true";
    await askAirflow("PATCH", encodeURIComponent(button.dataset.switch), { is_paused: isOn });
    location.reload();
  });
}

// A link out of this page is followed by the window around it.
function openWhole(event, link) {
  if (parent === self) return;
  event.preventDefault();
  const outer = parent.document.createElement("a");
  outer.href = link.href;
  parent.document.body.append(outer);
  outer.click();
  outer.remove();
}

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("button[data-dag]")) button.addEventListener("click", () => trigger(button));
  for (const button of document.querySelectorAll("button[data-switch]")) button.addEventListener("click", () => toggle(button));
  for (const link of document.querySelectorAll("a[data-whole]")) link.addEventListener("click", (event) => openWhole(event, link));
  document.querySelector("a[data-leave]")?.click();
  const waiting = document.querySelector("[data-reload]");
  if (waiting) setTimeout(() => location.reload(), 1000 * Number(waiting.dataset.reload));
});
