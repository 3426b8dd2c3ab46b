export default function ({ data, parentElement }) {
  const before = parentElement.querySelector("table");
  const table = wordTable(data);
  parentElement.append(table);
  supersede(before, table.caption);
}
