export default function ({ data, parentElement }) {
  const before = parentElement.querySelector(".plain");
  const table = plainTable(data);
  parentElement.append(table);
  supersede(before, table.querySelector("caption"));
}
