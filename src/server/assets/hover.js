// Values on hover and by keyboard. Pages work without this file: titles and tables hold the same.
"use strict";
(function () {
  var tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.appendChild(tip);

  // The browser's own late tooltip would stand beside ours: keep the text as data.
  document.querySelectorAll("svg title").forEach(function (title) {
    var mark = title.parentNode;
    if (!mark.ownerSVGElement) { return; }
    if (!mark.hasAttribute("data-tip")) { mark.setAttribute("data-tip", title.textContent); }
    mark.setAttribute("aria-label", title.textContent);
    title.remove();
  });

  function show(mark) {
    tip.textContent = mark.getAttribute("data-tip");
    tip.hidden = false;
    var box = mark.getBoundingClientRect();
    var own = tip.getBoundingClientRect();
    var left = box.left + box.width / 2 - own.width / 2;
    left = Math.max(4, Math.min(left, document.documentElement.clientWidth - own.width - 4));
    var top = box.top - own.height - 8;
    if (top < 4) { top = box.bottom + 8; }
    tip.style.left = left + window.scrollX + "px";
    tip.style.top = top + window.scrollY + "px";
  }

  function mark(event) {
    return event.target.closest ? event.target.closest("[data-tip]") : null;
  }

  function enter(event) {
    var found = mark(event);
    if (found) { show(found); } else { tip.hidden = true; }
  }

  document.addEventListener("pointerover", enter);
  document.addEventListener("focusin", enter);
  document.addEventListener("focusout", function () { tip.hidden = true; });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape") { tip.hidden = true; return; }
    // Arrows step through the marks of a chart.
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") { return; }
    var active = document.activeElement;
    var chart = active && active.closest ? active.closest("svg") : null;
    if (!chart) { return; }
    var marks = Array.prototype.slice.call(chart.querySelectorAll("[data-tip]"));
    var at = marks.indexOf(active);
    var next = marks[at + (event.key === "ArrowRight" ? 1 : -1)];
    if (next) {
      next.setAttribute("tabindex", "0");
      next.focus();
      event.preventDefault();
    }
  });

  // A filter applies at once; without this file the button does it.
  document.querySelectorAll("form.filters select").forEach(function (select) {
    select.addEventListener("change", function () { select.form.submit(); });
  });
})();
