// Follows the theme of Airflow around this page, and starts runs by Airflow's own REST API, as the person who is logged in.
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

async function trigger(button) {
  const { dag, conf } = button.dataset;
  button.disabled = true;
  say("Asking Airflow for a run.");
  try {
    const answer = await fetch(`${script.dataset.api}/dags/${encodeURIComponent(dag)}/dagRuns`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ logical_date: null, conf: JSON.parse(conf) }),
    });
    if (!answer.ok) throw new Error(answer.status === 403 ? "Your role in Airflow does not allow this." : `Airflow answered ${answer.status}.`);
    const run = (await answer.json()).dag_run_id;
    location.assign(`${script.dataset.root}/run?dag_id=${encodeURIComponent(dag)}&run_id=${encodeURIComponent(run)}`);
  } catch (error) {
    say(`No run was started. ${error.message}`);
    button.disabled = false;
  }
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
  for (const link of document.querySelectorAll("a[data-whole]")) link.addEventListener("click", (event) => openWhole(event, link));
  document.querySelector("a[data-leave]")?.click();
  const waiting = document.querySelector("[data-reload]");
  if (waiting) setTimeout(() => location.reload(), 1000 * Number(waiting.dataset.reload));
});
