export function inputs() {
  const item = (index) =>
    `<item id="${index}" kind="book" language="en"><title short="t${index}">Title ${index}</title><price currency="EUR" tax="0.19">${index}.90</price></item>`;
  return [
    [
      `<feed version="2" source="shop">${Array.from({ length: 60 }, (_, index) => item(index)).join('')}</feed>`,
    ],
  ];
}
