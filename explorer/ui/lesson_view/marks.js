// Tells the matrices on the page which cell is chosen, which ones it came from, and what checks found.
export default function ({ data }) {
  window.explorerMarks = data;
  window.dispatchEvent(new CustomEvent("explorer-marks"));
}
