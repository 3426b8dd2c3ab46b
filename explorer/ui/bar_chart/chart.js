export default function ({ data, parentElement }) {
  const before = parentElement.querySelector("svg");
  parentElement.append(barChart(data));
  before?.remove();
}
