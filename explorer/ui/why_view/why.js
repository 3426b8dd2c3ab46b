// Three parts: a cosine among those of random pairs, its share by dimension, and the words near to both.
// Words enter the page as text, never as HTML.

export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".why");
  const { texts } = data;
  const sentence = around(texts.percentile, element("b", "", data.answer));
  const root = element(
    "div", "why",
    element("h2", "", texts.high), element("p", "", ...sentence), barChart(data.percentile),
    element("h2", "", texts.made), element("p", "", texts.sum), barChart(data.shares), plainTable(data.dimensions),
    element("h2", "", texts.near), data.shared ? wordTable(data.shared) : element("p", "", texts.none),
  );
  parentElement.append(root);
  supersede(before, root.querySelector("h2"));
}
