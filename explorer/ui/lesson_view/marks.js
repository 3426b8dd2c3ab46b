// Between the matrices on the page and the side panel: tells them which cell is chosen, which ones it came from and what
// checks found, and the panel what a reader asks of them.
export default function ({ data, setTriggerValue }) {
  window.explorerAsk = setTriggerValue;
  window.explorerMarks = data;
  window.dispatchEvent(new CustomEvent("explorer-marks"));
  return () => {
    if (window.explorerAsk !== setTriggerValue) return;
    window.explorerAsk = window.explorerMarks = undefined;
  };
}
