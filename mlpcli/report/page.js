// A click on a number shows the sum it came from beside it. Without this script its link leads to the same line.
"use strict";

const bubble = document.createElement("div");
bubble.id = "bubble";
bubble.setAttribute("role", "status");
bubble.hidden = true;
document.body.append(bubble);
let shown = null; // the number whose sum is in the bubble

function hide() {
  for (const taken of document.querySelectorAll(".took")) taken.classList.remove("took");
  bubble.hidden = true;
  shown?.setAttribute("aria-expanded", "false");
  shown = null;
}

function show(number) {
  hide();
  const line = document.getElementById(number.hash.slice(1));
  bubble.replaceChildren(...line.cloneNode(true).childNodes);
  bubble.hidden = false;
  number.setAttribute("aria-expanded", "true");
  shown = number;
  place();
  mark(line);
}

// The numbers that went into the sum: of each matrix a row, a column, the one at the same place, or all.
function mark(line) {
  const [row, column] = line.id.split("-").slice(-2);
  const cells = { row: `tr:nth-child(${row}) td`, column: `td:nth-child(${column})`, all: "td" };
  cells.cell = `tr:nth-child(${row}) td:nth-child(${column})`;
  for (const piece of line.closest(".formula").querySelectorAll("[data-takes]")) {
    const taken = piece.matches(".scalar") ? [piece] : piece.querySelectorAll(cells[piece.dataset.takes]);
    for (const cell of taken) cell.classList.add("took");
  }
}

// Below the number's line, or above it where the window ends, and never beyond the sides.
function place() {
  const box = shown.getBoundingClientRect();
  const line = shown.closest(".line").getBoundingClientRect();
  const width = document.documentElement.clientWidth;
  const left = Math.min(box.left + box.width / 2 - bubble.offsetWidth / 2, width - bubble.offsetWidth - 8);
  const below = line.bottom + bubble.offsetHeight <= window.innerHeight;
  const top = below ? line.bottom : line.top - bubble.offsetHeight;
  bubble.style.left = `${Math.max(8, left) + window.scrollX}px`;
  bubble.style.top = `${top + window.scrollY}px`;
}

document.addEventListener("click", (event) => {
  const number = event.target.closest("a.number");
  if (number && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    number === shown ? hide() : show(number);
  } else if (!bubble.contains(event.target)) hide();
});
document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
window.addEventListener("resize", () => shown && place());

for (const sums of document.querySelectorAll("details.sums")) sums.open = sums.querySelector(":target") !== null;
