// Replay: only marks of the last moments before the slider's time are shown; at its end all are.
for (const box of document.querySelectorAll(".replay")) {
  const slider = box.querySelector("input");
  const shown = box.querySelector("output");
  const marks = [...box.previousElementSibling.querySelectorAll("[data-t]")].map((m) => [m, +m.dataset.t]);
  const span = Math.max(...marks.map((m) => m[1]), 1);
  slider.max = String(span + 1);
  slider.value = slider.max;
  const window_s = Math.max(30, span / 40);
  slider.addEventListener("input", () => {
    const at = +slider.value;
    const all = at > span;
    shown.textContent = all ? "all" : `${Math.round(at)} s`;
    for (const [mark, t] of marks) mark.classList.toggle("hidden", !all && (t > at || t < at - window_s));
  });
}
