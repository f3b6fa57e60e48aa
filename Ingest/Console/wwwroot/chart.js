// A chart's cursor follows the pointer: the chart's own slider is moved, so that pointer, touch and keyboard are one way.

let waiting = null;

// Each move is drawn by the service: 20 a second are enough for the eye.
function move(slider, at) {
  if (waiting) { waiting.at = at; return; }
  waiting = { at };
  setTimeout(() => {
    slider.value = waiting.at;
    waiting = null;
    slider.dispatchEvent(new Event('input', { bubbles: true }));
  }, 50);
}

const sliderOf = plot => plot && document.getElementById(plot.dataset.slider);

document.addEventListener('pointermove', event => {
  const plot = event.target.closest?.('.plot');
  const slider = sliderOf(plot);
  if (!slider) return;
  const { left, width } = plot.getBoundingClientRect();
  const at = Math.round(Math.min(1, Math.max(0, (event.clientX - left) / width)) * 999);
  if (Number(slider.value) !== at) move(slider, at);
});

document.addEventListener('pointerout', event => {
  const plot = event.target.closest?.('.plot');
  const slider = plot && !plot.contains(event.relatedTarget) && sliderOf(plot);
  // At its end it stands for the newest values.
  if (slider) move(slider, 1000);
});
