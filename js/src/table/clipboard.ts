/** Cells as tab-separated text, as spreadsheets read and write it. */

const NEEDS_QUOTES = /["\t\r\n]/;

const quote = (text: string): string =>
  NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/** Writes rows of texts; a single cell is written as it is. */
export const toTsv = (rows: readonly (readonly string[])[]): string => {
  const [first] = rows;
  if (rows.length === 1 && first?.length === 1) return first[0] as string;
  return rows.map((cells) => cells.map(quote).join('\t')).join('\n');
};

/** The text of one pasted cell: spreadsheets end even a single cell's text with a new line. */
export const singleCell = (text: string): string => text.replace(/\r?\n$/, '');
